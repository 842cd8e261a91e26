import type { Correlation } from '../sigma/model.ts'
import type { EventView } from '../views/view.ts'
import { Follower } from './follower.ts'
import type { GroupFinder } from './group-finder.ts'
import { countedOf, type ReadField } from './group-key.ts'
import { type CorrelationState, loadState, saveState } from './state.ts'
import type { Verdict } from './verdict.ts'
import { loadVersion1, type Version1 } from './version-1.ts'

/** A correlation that an event completed. */
export interface CorrelationHit extends Verdict {
  readonly correlation: Correlation
  /** Name and value of each group-by field. */
  readonly group: readonly (readonly [string, string])[]
  /** Value of the condition's fields that completed it. */
  readonly value?: string
}

interface Subscription {
  readonly follower: Follower
  readonly finder: GroupFinder
  /** Position of the rule in the correlation. */
  readonly position: number
  /** Fields to group by, and those of the condition, as the rule knows them. */
  readonly groupBy: readonly string[]
  readonly fields: readonly string[]
}

export const DEFAULT_GROUPS = 10_000
/** A correlation may refer to correlations; a chain longer than this is a circle. */
const MAX_CHAIN = 8
const NOBODY: readonly Subscription[] = []
const NO_HITS: readonly CorrelationHit[] = []

/** Follows the matches of rules through time. Fed in the order of reading, it judges by the time of the events. */
export class CorrelationEngine {
  readonly #subscriptions = new Map<string, Subscription[]>()
  readonly #followers = new Map<string, Follower>()

  constructor(correlations: readonly Correlation[], maxGroups = DEFAULT_GROUPS) {
    for (const correlation of correlations) {
      const follower = new Follower(correlation, maxGroups)
      this.#followers.set(correlation.id, follower)
      for (const [position, rule] of correlation.rules.entries()) {
        const known = this.#subscriptions.get(rule) ?? []
        const aliased = (field: string) => correlation.aliases[field]?.[rule] ?? field
        const [groupBy, fields] = [correlation.groupBy.map(aliased), correlation.fields.map(aliased)]
        known.push({ follower, finder: follower.finder(groupBy), position, groupBy, fields })
        this.#subscriptions.set(rule, known)
      }
    }
  }

  /** Whether any correlation listens to the rule of this id or name. */
  listens(ruleId: string): boolean {
    return this.#subscriptions.has(ruleId)
  }

  /** Tells that a rule matched an event; returns the correlations that it completes, those of a chain included. */
  observe(ruleId: string, view: EventView, time: number, read: ReadField): readonly CorrelationHit[] {
    return this.#observe(ruleId, view, time, read, 0)
  }

  /** Groups forgotten because there were too many, by correlation. */
  get evicted(): number {
    let total = 0
    for (const { keys } of this.#followers.values()) total += keys.evicted
    return total
  }

  /** Forgets every window. */
  clear(): void {
    for (const follower of this.#followers.values()) follower.clear()
  }

  save(): CorrelationState[] {
    return Array.from(this.#followers.values(), saveState)
  }

  /** Takes over the windows of the correlations that still exist. */
  load(states: readonly CorrelationState[]): void {
    for (const state of states) {
      const follower = this.#followers.get(state.id)
      if (follower) loadState(follower, state)
    }
  }

  /** `load` for what was saved before there was another form. */
  loadVersion1(states: readonly Version1[]): void {
    for (const state of states) {
      const follower = this.#followers.get(state.id)
      if (follower) loadVersion1(follower, state)
    }
  }

  #observe(ruleId: string, view: EventView, time: number, read: ReadField, depth: number): readonly CorrelationHit[] {
    let hits: CorrelationHit[] | undefined
    for (const { follower, finder, position, groupBy, fields } of this.#subscriptions.get(ruleId) ?? NOBODY) {
      const { correlation } = follower
      const value = fields.length > 0 ? countedOf(fields, view, read) : ''
      if (fields.length > 0 && value === '') continue
      const slot = finder.claim(view, read)
      if (slot < 0) continue
      const verdict = follower.observe(slot, time, position, value)
      if (!verdict) continue
      const group = groupBy.map((name, i) => [correlation.groupBy[i], read(view, name)!] as const)
      hits ??= []
      hits.push({ ...verdict, correlation, group, value })
      if (depth < MAX_CHAIN) hits.push(...this.#observe(correlation.id, view, time, read, depth + 1))
    }
    return hits ?? NO_HITS
  }
}
