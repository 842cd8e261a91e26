import type { CompiledSource } from '../loading/compile.ts'
import { compileExpression, type Predicate } from '../sigma/evaluate.ts'
import { branchesOf, columnOf } from './branches.ts'
import type { Literal } from './literal-scanner.ts'
import { type Clause, requirementOf } from './requirement.ts'

/** One alternative of a rule, with the clauses that must be satisfied before it is evaluated. */
export interface Unit {
  /** Number of the rule in its source. */
  readonly rule: number
  readonly matches: Predicate
  /** Ids of its clauses, rarest first; empty if it must be evaluated for every event. */
  readonly clauses: Int32Array
  /** The single column that decides it; undefined if there are several. */
  readonly column: string | undefined
}

/** The prefilter of a log source, by field. Its results are clause ids. */
export interface PrefilterPlan {
  readonly clauseCount: number
  /** The unit that each clause belongs to. */
  readonly unitOf: readonly Unit[]
  /** 1 for the rarest clause of each unit, which triggers the check of the others. */
  readonly primary: Uint8Array
  /** Units evaluated for every event. */
  readonly always: readonly Unit[]
  /** Literals by field; a literal's id is the clause that it satisfies. */
  readonly literals: ReadonlyMap<string, readonly Literal[]>
  /** Clauses by value of a numeric field, for values below a thousand. */
  readonly numbers: ReadonlyMap<string, readonly (Int32Array | undefined)[]>
}

const NUMBERS = 1000

export function planPrefilter({ rules, resolve, fields }: CompiledSource): PrefilterPlan {
  const unitOf: Unit[] = []
  const always: Unit[] = []
  const literals = new Map<string, Literal[]>()
  const accepted = new Map<string, number[][]>()
  for (const [rule, { expression }] of rules.entries()) {
    for (const branch of branchesOf(expression, resolve, fields)) {
      const clauses = requirementOf(branch, resolve, fields)
      if (clauses.some((clause) => clause.length === 0)) continue
      const ids = Int32Array.from(clauses, (_, i) => unitOf.length + i)
      const column = clauses.length === 0 ? undefined : columnOf(branch, resolve, fields)
      const unit: Unit = { rule, matches: compileExpression(branch, resolve), clauses: ids, column }
      if (clauses.length === 0) always.push(unit)
      for (const clause of clauses) register(clause, unitOf.push(unit) - 1, literals, accepted)
    }
  }
  const numbers = [...accepted].map(([field, table]): [string, (Int32Array | undefined)[]] => [
    field,
    table.map((ids) => (ids.length === 0 ? undefined : Int32Array.from(ids))),
  ])
  const primary = Uint8Array.from(unitOf, (unit, id) => (unit.clauses[0] === id ? 1 : 0))
  return { clauseCount: unitOf.length, unitOf, primary, always, literals, numbers: new Map(numbers) }
}

function register(
  clause: Clause,
  id: number,
  literals: Map<string, Literal[]>,
  accepted: Map<string, number[][]>,
): void {
  for (const atom of clause) {
    if (atom.kind === 'literal') {
      const list = literals.get(atom.field) ?? []
      list.push({ text: atom.text, id })
      literals.set(atom.field, list)
      continue
    }
    const table = accepted.get(atom.field) ?? Array.from({ length: NUMBERS }, (): number[] => [])
    accepted.set(atom.field, table)
    for (let value = 0; value < NUMBERS; value++) if (atom.accepts(value)) table[value].push(id)
  }
}
