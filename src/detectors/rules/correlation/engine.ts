import type { Correlation } from '../sigma/model.ts'
import type { EventView } from '../views/view.ts'
import type { GroupFinder } from './group-finder.ts'
import { countedOf, type ReadField } from './group-key.ts'
import type { CorrelationResult } from './result.ts'
import { type CorrelationState, loadState, saveState } from './state.ts'
import { CorrelationTracker } from './tracker.ts'
import { loadVersion1, type Version1 } from './version-1.ts'

/** A correlation that an event completed, so that it fired. */
export interface CorrelationHit extends CorrelationResult {
  readonly correlation: Correlation
  /** Name and value of each group-by field. */
  readonly group: readonly (readonly [string, string])[]
  /** Value of the condition's fields in the completing event. */
  readonly value?: string
}

interface Subscription {
  readonly tracker: CorrelationTracker
  readonly finder: GroupFinder
  /** Position of the rule in the correlation. */
  readonly position: number
  /** Group-by fields and condition fields, under the names that the rule uses. */
  readonly groupBy: readonly string[]
  readonly fields: readonly string[]
}

export const DEFAULT_GROUPS = 10_000
/** Correlations may refer to correlations; a longer chain is a cycle. */
const MAX_CHAIN = 8
const NO_SUBSCRIPTIONS: readonly Subscription[] = []
const NO_HITS: readonly CorrelationHit[] = []

/** Evaluates correlations over the matches of rules. Matches must arrive in reading order; windows use event time. */
export class CorrelationEngine {
  readonly #subscriptions = new Map<string, Subscription[]>()
  readonly #trackers = new Map<string, CorrelationTracker>()

  constructor(correlations: readonly Correlation[], maxGroups = DEFAULT_GROUPS) {
    for (const correlation of correlations) {
      const tracker = new CorrelationTracker(correlation, maxGroups)
      this.#trackers.set(correlation.id, tracker)
      for (const [position, rule] of correlation.rules.entries()) {
        const known = this.#subscriptions.get(rule) ?? []
        const aliased = (field: string) => correlation.aliases[field]?.[rule] ?? field
        const [groupBy, fields] = [correlation.groupBy.map(aliased), correlation.fields.map(aliased)]
        known.push({ tracker, finder: tracker.finder(groupBy), position, groupBy, fields })
        this.#subscriptions.set(rule, known)
      }
    }
  }

  /** True if a correlation refers to the rule with this id or name. */
  listens(ruleId: string): boolean {
    return this.#subscriptions.has(ruleId)
  }

  /**
   * Records that a rule matched an event. Returns the correlations that it completes, including correlations of
   * correlations.
   */
  observe(ruleId: string, view: EventView, time: number, read: ReadField): readonly CorrelationHit[] {
    return this.#observe(ruleId, view, time, read, 0)
  }

  /** Number of groups evicted from all correlations because there were too many. */
  get evicted(): number {
    let total = 0
    for (const { keys } of this.#trackers.values()) total += keys.evicted
    return total
  }

  /** Clears the state of every correlation. */
  clear(): void {
    for (const tracker of this.#trackers.values()) tracker.clear()
  }

  save(): CorrelationState[] {
    return Array.from(this.#trackers.values(), saveState)
  }

  /** Restores the state of the correlations that still exist. */
  load(states: readonly CorrelationState[]): void {
    for (const state of states) {
      const tracker = this.#trackers.get(state.id)
      if (tracker) loadState(tracker, state)
    }
  }

  /** Like `load`, for state saved in format 1. */
  loadVersion1(states: readonly Version1[]): void {
    for (const state of states) {
      const tracker = this.#trackers.get(state.id)
      if (tracker) loadVersion1(tracker, state)
    }
  }

  #observe(ruleId: string, view: EventView, time: number, read: ReadField, depth: number): readonly CorrelationHit[] {
    let hits: CorrelationHit[] | undefined
    for (const { tracker, finder, position, groupBy, fields } of this.#subscriptions.get(ruleId) ?? NO_SUBSCRIPTIONS) {
      const { correlation } = tracker
      const value = fields.length > 0 ? countedOf(fields, view, read) : ''
      if (fields.length > 0 && value === '') continue
      const slot = finder.claim(view, read)
      if (slot < 0) continue
      const result = tracker.observe(slot, time, position, value)
      if (!result) continue
      const group = groupBy.map((name, i) => [correlation.groupBy[i], read(view, name)!] as const)
      hits ??= []
      hits.push({ ...result, correlation, group, value })
      if (depth < MAX_CHAIN) hits.push(...this.#observe(correlation.id, view, time, read, depth + 1))
    }
    return hits ?? NO_HITS
  }
}
