import { own } from '../../../core/block.ts'
import type { Correlation } from '../sigma/model.ts'
import type { EventView } from '../views/view.ts'
import { Groups } from './groups.ts'
import { type Known, Novelty } from './novelty.ts'
import { judgedAtClose, observe, type Verdict, type Window } from './window.ts'

/** A correlation that an event completed. */
export interface CorrelationHit extends Verdict {
  readonly correlation: Correlation
  /** Name and value of each group-by field. */
  readonly group: readonly (readonly [string, string])[]
  /** Value of the condition's fields that completed it. */
  readonly value?: string
}

/** Reads a field of the event under the name that the rule `ruleId` knows it by; undefined where absent. */
export type ReadField = (view: EventView, name: string) => string | undefined

export interface CorrelationState {
  readonly id: string
  readonly evicted: number
  readonly groups: [string, Window[]][]
  readonly known?: [string, Known][]
}

interface Subscription {
  readonly correlation: Correlation
  readonly groups: Groups
  readonly novelty: Novelty | undefined
  /** Position of the rule in the correlation. */
  readonly position: number
}

export const DEFAULT_GROUPS = 10_000
/** A correlation may refer to correlations; a chain longer than this is a circle. */
const MAX_CHAIN = 8
const SEPARATOR = '\u0000'

/** Follows the matches of rules through time. Fed in the order of reading, it judges by the time of the events. */
export class CorrelationEngine {
  readonly #subscriptions = new Map<string, Subscription[]>()
  readonly #groups = new Map<string, Groups>()
  readonly #novelties = new Map<string, Novelty>()

  constructor(correlations: readonly Correlation[], maxGroups = DEFAULT_GROUPS) {
    for (const correlation of correlations) {
      const groups = new Groups(maxGroups)
      this.#groups.set(correlation.id, groups)
      const novelty = correlation.type === 'oddline_new_value' ? new Novelty(maxGroups) : undefined
      if (novelty) this.#novelties.set(correlation.id, novelty)
      for (const [position, rule] of correlation.rules.entries()) {
        const known = this.#subscriptions.get(rule) ?? []
        known.push({ correlation, groups, novelty, position })
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
    const hits: CorrelationHit[] = []
    this.#observe(ruleId, view, time, read, hits, 0)
    return hits
  }

  /** Groups forgotten because there were too many, by correlation. */
  get evicted(): number {
    let total = 0
    for (const groups of [...this.#groups.values(), ...this.#novelties.values()]) total += groups.evicted
    return total
  }

  /** Forgets every window. */
  clear(): void {
    for (const groups of [...this.#groups.values(), ...this.#novelties.values()]) groups.clear()
  }

  save(): CorrelationState[] {
    return [...this.#groups].map(([id, groups]) => {
      const known = this.#novelties.get(id)?.entries()
      return { id, evicted: groups.evicted, groups: groups.entries(), ...(known && { known }) }
    })
  }

  /** Takes over the windows of the correlations that still exist. */
  load(states: readonly CorrelationState[]): void {
    for (const { id, evicted, groups, known = [] } of states) {
      this.#novelties.get(id)?.load(known)
      const own = this.#groups.get(id)
      if (!own) continue
      own.load(groups)
      own.evicted = evicted
    }
  }

  #observe(
    ruleId: string,
    view: EventView,
    time: number,
    read: ReadField,
    hits: CorrelationHit[],
    depth: number,
  ): void {
    for (const { correlation, groups, novelty, position } of this.#subscriptions.get(ruleId) ?? []) {
      const group = groupOf(correlation, ruleId, view, read)
      if (!group) continue
      const key = keyOf(group)
      const value = correlation.fields
        .map((field) => read(view, aliased(correlation, ruleId, field)) ?? '')
        .join(SEPARATOR)
      if (correlation.fields.length > 0 && value === '') continue
      const verdict = novelty
        ? novelty.observe(own(key), time, own(value), correlation)
        : observe(groups.windowAt(key, time, stretchOf(correlation)), occurrence(time, position, value), correlation)
      if (!verdict) continue
      hits.push({ ...verdict, correlation, group, value })
      if (depth < MAX_CHAIN) this.#observe(correlation.id, view, time, read, hits, depth + 1)
    }
  }
}

/** An event that lacks a field to group by belongs to no group. */
export function groupOf(correlation: Correlation, ruleId: string, view: EventView, read: ReadField) {
  const group: [string, string][] = []
  for (const field of correlation.groupBy) {
    const value = read(view, aliased(correlation, ruleId, field))
    if (value === undefined) return undefined
    group.push([field, value])
  }
  return group
}

/** The values of a group as one text. */
export function keyOf(group: readonly (readonly [string, string])[]): string {
  return group.map(([, value]) => value).join(SEPARATOR)
}

/** The longest gap within a stretch; what is judged when a timespan has passed has one stretch for ever. */
function stretchOf(correlation: Correlation): number {
  return judgedAtClose(correlation) ? Number.POSITIVE_INFINITY : correlation.timespanMs
}

/** Its value outlives the block, whose text a slice of it would keep alive. */
function occurrence(time: number, rule: number, value: string) {
  return { time, rule, value: own(value) }
}

function aliased(correlation: Correlation, ruleId: string, field: string): string {
  return correlation.aliases[field]?.[ruleId] ?? field
}
