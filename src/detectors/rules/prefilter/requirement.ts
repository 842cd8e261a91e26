import type { ResolveField } from '../sigma/evaluate.ts'
import type { Expression, ValueTest } from '../sigma/expression.ts'
import type { NativeField } from '../views/view.ts'
import { weightOf } from './weight.ts'

/** A cheap test of the prefilter: a literal in a field, or a number in a set. */
export type Atom =
  | { readonly kind: 'literal'; readonly field: string; readonly text: string }
  | { readonly kind: 'number'; readonly field: string; readonly accepts: (value: number) => boolean }

/** Satisfied if an event has at least one of these atoms. */
export type Clause = readonly Atom[]

const MAX_CLAUSES = 4
/**
 * The first clause excludes most events. A further clause that normal traffic often satisfies costs more than it saves.
 */
const MIN_WEIGHT = 0.5
const MIN_FURTHER_WEIGHT = 1.2

/**
 * The clauses that every event matching the expression satisfies, rarest first. The expression need only be evaluated
 * if all are satisfied. An empty list means that none are known; an empty clause can never be satisfied.
 */
export function requirementOf(
  expression: Expression,
  resolve: ResolveField,
  fields: readonly NativeField[],
): readonly Clause[] {
  switch (expression.kind) {
    case 'and':
      return rarest(expression.of.flatMap((each) => requirementOf(each, resolve, fields)))
    case 'or': {
      const best = expression.of.map((each) => requirementOf(each, resolve, fields)[0])
      return best.every((clause) => clause !== undefined) ? rarest([best.flat()]) : []
    }
    case 'field':
      return fieldClauses(expression.test, expression.natives ?? resolve(expression.field), fields)
    case 'keyword': {
      const texts = fields.filter(({ via, name }) => (via as readonly string[]).includes(name) || name === 'decoded')
      // A keyword of up to three digits may occur in a number as well as in a text, so it is not used.
      if (expression.test.literals.flat().some((text) => /^\d{1,3}$/.test(text))) return []
      return rarest(expression.test.literals.map((set) => texts.flatMap((field) => literalAtoms(field, set))))
    }
    case 'not':
    case 'exists':
    case 'reference':
      return []
    default:
      return expression satisfies never
  }
}

function fieldClauses(test: ValueTest, numbers: readonly number[], fields: readonly NativeField[]): readonly Clause[] {
  if (test.absent || test.exact === '' || test.exact === '-') return []
  const natives = numbers.map((number) => fields[number])
  if (natives.some(({ slot }) => slot === 'none')) return []
  if (natives.length === 0) return [[]]
  const numeric = natives.filter(({ slot }) => slot === 'number')
  const texts = natives.filter(({ slot }) => slot !== 'number')
  const accepts = (value: number) => test.test(value)
  const numbersOf = numeric.map(({ name }): Atom => ({ kind: 'number', field: name, accepts }))
  if (texts.length === 0) return rarest([numbersOf])
  return rarest(test.literals.map((set) => [...numbersOf, ...texts.flatMap((field) => literalAtoms(field, set))]))
}

function literalAtoms(field: NativeField, texts: readonly string[]): Atom[] {
  if (field.slot === 'number') return []
  return field.via.flatMap((name) => texts.map((text): Atom => ({ kind: 'literal', field: name, text })))
}

function rarest(clauses: readonly Clause[]): readonly Clause[] {
  return clauses
    .map((clause) => ({ clause, weight: weightOfClause(clause) }))
    .filter(({ weight }) => weight > MIN_WEIGHT)
    .sort((a, b) => b.weight - a.weight)
    .filter(({ weight }, i) => i === 0 || weight > MIN_FURTHER_WEIGHT)
    .slice(0, MAX_CLAUSES)
    .map(({ clause }) => clause)
}

/** Statuses of most requests; a set without them is rare. */
const COMMON_NUMBERS = [200, 304, 206, 301, 302]
/** Texts of most requests in these columns; a literal inside one of them excludes nothing. */
const COMMON_TEXTS: Readonly<Record<string, readonly string[]>> = {
  method: ['get', 'post'],
  protocol: ['http/1.1', 'http/2.0'],
}

function weightOfClause(clause: Clause): number {
  let probability = 0
  for (const atom of clause) {
    if (atom.kind === 'literal') probability += isCommon(atom.field, atom.text) ? 0.9 : 2 ** -weightOf(atom.text)
    else probability += COMMON_NUMBERS.some(atom.accepts) ? 0.9 : 0.05
  }
  return probability === 0 ? Number.POSITIVE_INFINITY : -Math.log2(probability)
}

function isCommon(field: string, literal: string): boolean {
  return Object.hasOwn(COMMON_TEXTS, field) && COMMON_TEXTS[field].some((text) => text.includes(literal))
}
