import type { Expression } from './expression.ts'
import type { IncidentTexts } from './incident-texts.ts'

/** Sigma documents after checking and compiling. */

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Level = (typeof LEVELS)[number]

export interface LogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

interface DocumentBase {
  /** The rule's id; if it has none, its name or title. */
  readonly id: string
  /** Short name for references in correlations and filters. */
  readonly name?: string
  readonly title: string
  readonly description: string
  readonly status: string
  readonly level: Level
  readonly tags: readonly string[]
  /** ATT&CK technique ids from the tags, upper-case. */
  readonly techniques: readonly string[]
  /** Class of the attack in one word, from the tag `oddline.<class>`; empty if none. */
  readonly attackType: string
  readonly falsePositives: readonly string[]
  /** The section `oddline`: what the rule says in an incident. */
  readonly incident: IncidentTexts
  /** Path of the file and number of the document in it, for display. */
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
  /** Placeholders without values; if there are any, the rule is inactive. */
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
  // Oddline's extensions of Sigma; see `config/rules/README.md`.
  'oddline_silence',
  'oddline_new_value',
] as const
export type CorrelationType = (typeof CORRELATION_TYPES)[number]

export const COMPARISONS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
export type ComparisonOperator = (typeof COMPARISONS)[number]

export interface Correlation extends DocumentBase {
  readonly kind: 'correlation'
  readonly type: CorrelationType
  /** Ids or names of rules and correlations, as written; in order for `temporal_ordered`. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespanMs: number
  /** All must hold. */
  readonly thresholds: readonly { readonly operator: ComparisonOperator; readonly value: number }[]
  /** Fields of the condition, for the `value_*` types. */
  readonly fields: readonly string[]
  /** Percentile for `value_percentile`, 0 to 100. */
  readonly percentile: number
  /** alias -> rule id or name -> field. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** True if the referenced rules also produce findings themselves. */
  readonly generate: boolean
  /** Log source of an `oddline_silence`. */
  readonly logSource?: LogSource
  /** Time that a group must be known before the `oddline_*` types apply, ms. */
  readonly knownForMs: number
  /** A silence must be longer than the longest earlier pause by this factor. */
  readonly timesLongestPause: number
  /** An `event_count` counts an event only if the one before it in its group is this long ago, ms. */
  readonly apartMs: number
}

export interface Filter extends Omit<DocumentBase, 'kind'> {
  readonly kind: 'filter'
  readonly logSource: LogSource
  /** Ids or names of the rules it applies to; empty for every rule of the log source (`any`). */
  readonly rules: readonly string[]
  /** The filtered rule matches an event only if this is also true. */
  readonly expression: Expression
}

export type SigmaDocument = Rule | Correlation | Filter
