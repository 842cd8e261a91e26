import { compileCidr } from './cidr.ts'
import type { Condition } from './condition.ts'
import { allOf, anyOf, type Expression, type ValueTest } from './expression.ts'
import { type Compare, type FieldPlan, readField, type TimePart, toPatterns } from './modifiers.ts'
import { compilePattern, literalOf, type Pattern } from './pattern.ts'
import type { Placeholders } from './placeholders.ts'
import { checkRegex, compileRegex } from './regex/regex.ts'
import { topAlternatives } from './regex/regex-reader.ts'

/** Combines compiled search identifiers as the condition says. */
export function combineSearches(condition: Condition, searches: ReadonlyMap<string, Expression>): Expression {
  switch (condition.kind) {
    case 'search':
      return searches.get(condition.name)!
    case 'not':
      return { kind: 'not', of: combineSearches(condition.of, searches) }
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map((each) => combineSearches(each, searches)) }
    default:
      return condition satisfies never
  }
}

/**
 * Compiles a search identifier of a rule.
 * @throws Error that says what is wrong
 */
export function compileSearch(name: string, search: unknown, placeholders: Placeholders): Expression {
  try {
    return compileItem(search, placeholders)
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A map requires all of its fields; a list requires one of its maps or keywords. */
function compileItem(item: unknown, placeholders: Placeholders): Expression {
  if (Array.isArray(item)) {
    if (item.length === 0) throw new Error('is an empty list')
    return anyOf(item.map((each) => compileItem(each, placeholders)))
  }
  if (item !== null && typeof item === 'object') {
    const entries = Object.entries(item)
    if (entries.length === 0) throw new Error('is an empty map')
    return allOf(entries.map(([key, value]) => compileField(readField(key), value, placeholders)))
  }
  if (item === null || item === undefined) throw new Error('is empty')
  return compileField(readField('|contains'), item, placeholders)
}

function compileField(plan: FieldPlan, value: unknown, placeholders: Placeholders): Expression {
  const values = Array.isArray(value) ? value : [value]
  if (values.length === 0) throw new Error(`"${plan.field}" has no values`)
  const keyword = plan.field === ''
  const placedPlan: FieldPlan = keyword && plan.regex === undefined ? { ...plan, place: 'contains' } : plan
  const tests = values.map((each): Expression => compileValue(placedPlan, each, placeholders))
  const joined = plan.all ? allOf(tests) : anyOf(tests)
  return plan.negated ? { kind: 'not', of: joined } : joined
}

function compileValue(plan: FieldPlan, value: unknown, placeholders: Placeholders): Expression {
  const { field } = plan
  if (plan.special === 'exists') {
    if (typeof value !== 'boolean') throw new Error(`"${field}|exists" takes true or false`)
    return { kind: 'exists', field, wanted: value }
  }
  if (plan.special === 'fieldref') return reference(plan, value)
  if (plan.regex !== undefined && value !== null) {
    // Each top-level alternative is a separate test with its own literals.
    checkRegex(String(value), plan.regex)
    const alternatives = topAlternatives(String(value)).map((source) => regexTest(source, plan.regex!))
    return anyOf(
      alternatives.map((test) => (field === '' ? { kind: 'keyword', test } : { kind: 'field', field, test })),
    )
  }
  const test = compileTest(plan, value, placeholders)
  return field === '' ? { kind: 'keyword', test } : { kind: 'field', field, test }
}

function compileTest(plan: FieldPlan, value: unknown, placeholders: Placeholders): ValueTest {
  const label = String(value)
  if (value === null) return { test: () => false, literals: [], absent: true, label: 'null' }
  if (plan.timePart) return timeTest(plan.timePart, plan.compare, value)
  if (plan.compare) return compareTest(plan.compare, value)
  if (plan.special === 'cidr') {
    const inside = compileCidr(String(value))
    return { test: (actual) => inside(String(actual)), literals: [], absent: false, label }
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new Error(`"${plan.field}" has a value that is neither text, number, boolean nor null`)
  }
  return patternTest(toPatterns(plan, String(value), placeholders), plan.cased, label)
}

function regexTest(source: string, flags: string): ValueTest {
  const regex = compileRegex(source, flags)
  return { test: (actual) => regex.test(String(actual)), literals: regex.literals, absent: false, label: source }
}

function patternTest(patterns: readonly Pattern[], cased: boolean, label: string): ValueTest {
  const tests = patterns.map((pattern) => compilePattern(pattern, cased))
  const test = (actual: string | number | boolean) => {
    const text = String(actual)
    return tests.some((each) => each(text))
  }
  const exact = patterns.length === 1 ? literalOf(patterns[0]) : undefined
  return { test, literals: literalSets(patterns), absent: false, exact, label }
}

/**
 * A single pattern requires all its parts. Of several patterns, one must match, so the longest part of one is required.
 */
function literalSets(patterns: readonly Pattern[]): readonly (readonly string[])[] {
  if (patterns.length === 1) return asciiRuns(patterns[0]).map((run) => [run])
  const longest = patterns.map((pattern) => asciiRuns(pattern)[0])
  return longest.every((run) => run !== undefined) ? [longest] : []
}

const MAX_RUNS = 3

/** The ASCII parts of a pattern, lower case, longest first. */
function asciiRuns(pattern: Pattern): string[] {
  const runs = pattern.flatMap((part) => (typeof part === 'string' ? (part.match(/[\x02-\x7f]+/g) ?? []) : []))
  return runs
    .map((run) => run.toLowerCase())
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_RUNS)
}

function compareTest(compare: Compare, value: unknown): ValueTest {
  const bound = typeof value === 'number' ? value : Number(value)
  if (!Number.isFinite(bound)) throw new Error(`"${compare}" needs a number, not "${value}"`)
  const holds = comparison(compare)
  return {
    test: (actual) => actual !== '' && typeof actual !== 'boolean' && holds(Number(actual), bound),
    literals: [],
    absent: false,
    label: `${compare} ${bound}`,
  }
}

/** A comparison with NaN is false, so text in a numeric field never matches. */
function comparison(compare: Compare): (a: number, b: number) => boolean {
  switch (compare) {
    case 'gt':
      return (a, b) => a > b
    case 'gte':
      return (a, b) => a >= b
    case 'lt':
      return (a, b) => a < b
    case 'lte':
      return (a, b) => a <= b
    default:
      return compare satisfies never
  }
}

function timeTest(part: TimePart, compare: Compare | undefined, value: unknown): ValueTest {
  const bound = Number(value)
  if (!Number.isInteger(bound)) throw new Error(`"${part}" needs a whole number, not "${value}"`)
  const holds = compare ? comparison(compare) : (a: number, b: number) => a === b
  const test = (actual: string | number | boolean) => {
    const date = typeof actual === 'boolean' ? new Date(Number.NaN) : new Date(actual)
    return holds(partOf(date, part), bound)
  }
  return { test, literals: [], absent: false, label: `${part} ${bound}` }
}

/** A part of a time in UTC; the week is that of ISO 8601. */
function partOf(date: Date, part: TimePart): number {
  switch (part) {
    case 'minute':
      return date.getUTCMinutes()
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'month':
      return date.getUTCMonth() + 1
    case 'year':
      return date.getUTCFullYear()
    case 'week': {
      const thursday = new Date(date)
      thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7))
      const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1)
      return Math.ceil(((thursday.getTime() - yearStart) / 86_400_000 + 1) / 7)
    }
    default:
      return part satisfies never
  }
}

function reference(plan: FieldPlan, value: unknown): Expression {
  if (typeof value !== 'string' || value === '') throw new Error(`"${plan.field}|fieldref" takes the name of a field`)
  const fold = (text: string) => (plan.cased ? text : text.toLowerCase())
  const compare = {
    whole: (a: string, b: string) => fold(a) === fold(b),
    contains: (a: string, b: string) => fold(a).includes(fold(b)),
    startswith: (a: string, b: string) => fold(a).startsWith(fold(b)),
    endswith: (a: string, b: string) => fold(a).endsWith(fold(b)),
  }[plan.place]
  return { kind: 'reference', field: plan.field, other: value, compare }
}
