import type { ResolveField } from '../sigma/evaluate.ts'
import type { Expression, ValueTest } from '../sigma/expression.ts'
import type { NativeField } from '../views/view.ts'
import { weightOf } from './weight.ts'

/** Something that the prefilter can see cheaply: a literal in a field, or a number out of a set. */
export type Atom =
  | { readonly kind: 'literal'; readonly field: string; readonly text: string }
  | { readonly kind: 'number'; readonly field: string; readonly accepts: (value: number) => boolean }

/**
 * Atoms of which every event that satisfies the expression shows at least one: the rule is evaluated only then.
 * Undefined where no such set is known, so that the rule must be evaluated for every event; empty where nothing can
 * satisfy it in this log source.
 */
export function requirementOf(
  expression: Expression,
  resolve: ResolveField,
  fields: readonly NativeField[],
): readonly Atom[] | undefined {
  switch (expression.kind) {
    case 'and': {
      let best: readonly Atom[] | undefined
      for (const each of expression.of) {
        const atoms = requirementOf(each, resolve, fields)
        if (atoms && (!best || weight(atoms) > weight(best))) best = atoms
      }
      return best
    }
    case 'or': {
      const all: Atom[] = []
      for (const each of expression.of) {
        const atoms = requirementOf(each, resolve, fields)
        if (!atoms) return undefined
        all.push(...atoms)
      }
      return all
    }
    case 'field': {
      const { test } = expression
      if (test.absent || test.exact === '' || test.exact === '-') return undefined
      return join(resolve(expression.field).map((number) => fieldAtoms(fields[number], test, fields)))
    }
    case 'keyword':
      return join(
        fields.filter((field) => field.via.includes(field.name)).map((field) => keywordAtoms(field, expression.test)),
      )
    case 'not':
    case 'exists':
    case 'reference':
      return undefined
    default:
      return expression satisfies never
  }
}

function join(sets: readonly (readonly Atom[] | undefined)[]): readonly Atom[] | undefined {
  return sets.every((set) => set !== undefined) ? sets.flat() : undefined
}

function fieldAtoms(field: NativeField, test: ValueTest, fields: readonly NativeField[]): readonly Atom[] | undefined {
  if (field.slot === 'none') return undefined
  if (field.slot === 'number') return [{ kind: 'number', field: field.name, accepts: (value) => test.test(value) }]
  if (test.anyOf.length === 0) return undefined
  return field.via
    .filter((name) => fields.some((each) => each.name === name))
    .flatMap((name) => test.anyOf.map((text): Atom => ({ kind: 'literal', field: name, text })))
}

/** A keyword of up to three digits may stand in a number as well as in a text: too weak to rely on. */
function keywordAtoms(field: NativeField, test: ValueTest): readonly Atom[] | undefined {
  if (test.anyOf.length === 0 || test.anyOf.some((text) => /^\d{1,3}$/.test(text))) return undefined
  if (field.slot === 'number') return []
  return test.anyOf.map((text) => ({ kind: 'literal', field: field.name, text }))
}

/** Statuses that most requests end in; a set without them is rare. */
const COMMON_NUMBERS = [200, 304, 206, 301, 302]

function weight(atoms: readonly Atom[]): number {
  let probability = 0
  for (const atom of atoms) {
    if (atom.kind === 'literal') probability += 2 ** -weightOf(atom.text)
    else probability += COMMON_NUMBERS.some(atom.accepts) ? 0.9 : 0.05
  }
  return probability === 0 ? Number.POSITIVE_INFINITY : -Math.log2(probability)
}
