import type { CompiledSource } from '../compile.ts'
import type { Literal } from './literal-scanner.ts'

/** The prefilter of a log source, sorted by the field it looks at. Rules are known by their number in the source. */
export interface PrefilterPlan {
  readonly ruleCount: number
  /** Rules evaluated for every event. */
  readonly always: Int32Array
  /** Literals by field. */
  readonly literals: ReadonlyMap<string, readonly Literal[]>
  /** Rules by value of a numeric field, for values below a thousand; larger and absent ones make no candidate. */
  readonly numbers: ReadonlyMap<string, readonly (Int32Array | undefined)[]>
}

const NUMBERS = 1000

export function planPrefilter({ rules }: CompiledSource): PrefilterPlan {
  const always: number[] = []
  const literals = new Map<string, Literal[]>()
  const accepted = new Map<string, number[][]>()
  for (const [id, { atoms }] of rules.entries()) {
    if (!atoms) {
      always.push(id)
      continue
    }
    for (const atom of atoms) {
      if (atom.kind === 'literal') {
        const list = literals.get(atom.field) ?? []
        list.push({ text: atom.text, id })
        literals.set(atom.field, list)
        continue
      }
      const table = accepted.get(atom.field) ?? Array.from({ length: NUMBERS }, () => [])
      accepted.set(atom.field, table)
      for (let value = 0; value < NUMBERS; value++) if (atom.accepts(value)) table[value].push(id)
    }
  }
  const numbers = [...accepted].map(([field, table]): [string, (Int32Array | undefined)[]] => [
    field,
    table.map((ids) => (ids.length === 0 ? undefined : Int32Array.from(ids))),
  ])
  return { ruleCount: rules.length, always: Int32Array.from(always), literals, numbers: new Map(numbers) }
}
