import { grown } from '../../../core/columns/grown.ts'
import { RecentKeys } from '../../../core/columns/recent-keys.ts'
import type { Correlation } from '../sigma/model.ts'
import type { CorrelationResult } from './result.ts'

/** History of a group, such as a user: the time of its first event, its number of events, and its values. */
export interface GroupHistory {
  readonly first: number
  readonly events: number
  readonly values: readonly string[]
}

/** Most values stored per group; the oldest are dropped. */
const MAX_VALUES = 200
/** Most values of all groups of a correlation; beyond that, a group drops its oldest for each new one. */
const MAX_TOTAL = 250_000
// Fields of a group.
const ROW = 2
const FIRST = 0
const EVENTS = 1

/**
 * `oddline_new_value`: fires when an established group shows a value for the first time. The value is then stored, so
 * it fires once. The number of groups is bounded like that of other correlations.
 */
export class Novelty {
  readonly keys: RecentKeys
  readonly #correlation: Correlation
  #rows = new Float64Array(0)
  readonly #values: string[][] = []
  /** The last value of each group, which is usually also the next one. */
  readonly #latest: string[] = []
  #total = 0

  constructor(correlation: Correlation, capacity: number) {
    this.#correlation = correlation
    this.keys = new RecentKeys(capacity)
  }

  /** Records an event of the group whose slot was claimed last. */
  observe(slot: number, time: number, value: string): CorrelationResult | undefined {
    if (this.keys.fresh) this.#put(slot, time, 0, [])
    const before = this.#rows[slot * ROW + EVENTS]++
    if (this.#latest[slot] === value) return undefined
    this.#latest[slot] = value
    const values = this.#values[slot]
    if (values.includes(value)) return undefined
    values.push(value)
    this.#total++
    if (values.length > MAX_VALUES || (values.length > 1 && this.#total > MAX_TOTAL)) {
      values.shift()
      this.#total--
    }
    const firstTime = this.#rows[slot * ROW + FIRST]
    const established = time - firstTime >= this.#correlation.knownForMs && enough(before, this.#correlation)
    return established ? { measure: values.length - 1, events: before, firstTime } : undefined
  }

  /** Adds the history of a group, as the most recently used. */
  add(group: string, { first, events, values }: GroupHistory): void {
    this.#put(this.keys.claim(group), first, events, [...values])
  }

  known(slot: number): GroupHistory {
    const row = slot * ROW
    return { first: this.#rows[row + FIRST], events: this.#rows[row + EVENTS], values: this.#values[slot] }
  }

  #put(slot: number, first: number, events: number, values: string[]): void {
    this.#rows = grown(this.#rows, (slot + 1) * ROW)
    this.#rows[slot * ROW + FIRST] = first
    this.#rows[slot * ROW + EVENTS] = events
    this.#total += values.length - (this.#values[slot]?.length ?? 0)
    this.#values[slot] = values
    this.#latest[slot] = ''
  }
}

/** The condition of Oddline's own correlation types: the number of events that establish a group. */
export function enough(events: number, { thresholds }: Correlation): boolean {
  return thresholds.every(({ operator, value }) => (operator === 'gt' ? events > value : events >= value))
}
