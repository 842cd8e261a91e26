import type { Expression } from './expression.ts'

/** Sigma documents as the engine holds them: checked, compiled, and free of YAML. */

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Level = (typeof LEVELS)[number]

export interface LogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

interface DocumentBase {
  /** The rule's id; its name or title where it has none. */
  readonly id: string
  /** Short name by which correlations and filters may refer to it. */
  readonly name?: string
  readonly title: string
  readonly description: string
  readonly status: string
  readonly level: Level
  readonly tags: readonly string[]
  /** ATT&CK technique ids out of the tags, upper-case. */
  readonly techniques: readonly string[]
  /** Class of the attack in one word, from the tag `oddline.<class>`; empty if none. */
  readonly attackType: string
  readonly falsePositives: readonly string[]
  /** Path of the file and the document's number in it, for people. */
  readonly origin: string
  readonly tests: RuleTests
}

/** Events that must and must not make the rule fire, in the notation of `config/rules/README.md`. */
export interface RuleTests {
  readonly match: readonly unknown[]
  readonly quiet: readonly unknown[]
}

export interface Rule extends DocumentBase {
  readonly kind: 'rule'
  readonly logSource: LogSource
  readonly expression: Expression
  /** Placeholders without values: the rule waits for them and is not used. */
  readonly unfilled: readonly string[]
}

export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'temporal',
  'temporal_ordered',
  // Oddline's own, for what Sigma has no word for; `config/rules/README.md` describes them.
  'oddline_silence',
  'oddline_new_value',
] as const
export type CorrelationType = (typeof CORRELATION_TYPES)[number]

export const THRESHOLDS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
export type Threshold = (typeof THRESHOLDS)[number]

export interface Correlation extends DocumentBase {
  readonly kind: 'correlation'
  readonly type: CorrelationType
  /** Ids or names of rules and correlations, as written; in order for `temporal_ordered`. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespanMs: number
  /** All must hold. */
  readonly thresholds: readonly { readonly operator: Threshold; readonly value: number }[]
  /** Fields of the condition, for the `value_*` types. */
  readonly fields: readonly string[]
  /** Which percentile a `value_percentile` judges, 0 to 100. */
  readonly percentile: number
  /** alias -> rule id or name -> field. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Whether the rules it refers to fire by themselves too. */
  readonly generate: boolean
  /** Whose events an `oddline_silence` waits for. */
  readonly logSource?: LogSource
  /** For how long a group must have been seen before the `oddline_*` types judge it. */
  readonly knownForMs: number
  /** A silence is news if it is longer than the longest pause before by this factor. */
  readonly timesLongestPause: number
}

export interface Filter extends Omit<DocumentBase, 'kind'> {
  readonly kind: 'filter'
  readonly logSource: LogSource
  /** Ids or names of the rules it applies to; empty for every rule of the log source (`any`). */
  readonly rules: readonly string[]
  /** An event passes the filtered rule only where this holds. */
  readonly expression: Expression
}

export type SigmaDocument = Rule | Correlation | Filter
