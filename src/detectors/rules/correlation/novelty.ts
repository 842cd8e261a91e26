import { grown } from '../../../core/columns/grown.ts'
import { RecentKeys } from '../../../core/columns/recent-keys.ts'
import type { Correlation } from '../sigma/model.ts'
import type { Verdict } from './verdict.ts'

/** What is known of one group, such as a user: since when, of how many events, and which values it has had. */
export interface Known {
  readonly first: number
  readonly events: number
  readonly values: readonly string[]
}

/** Values remembered for each group; beyond it the oldest are forgotten. */
const MAX_VALUES = 200
// Fields of a group.
const ROW = 2
const FIRST = 0
const EVENTS = 1

/**
 * `oddline_new_value`: a group that has been known for long enough shows a value that it never had. The value is
 * remembered then, so it is told once. Bounded as the windows of other correlations are.
 */
export class Novelty {
  readonly keys: RecentKeys
  readonly #correlation: Correlation
  #rows = new Float64Array(0)
  readonly #values: string[][] = []
  /** The value that each group had last, mostly the next one too. */
  readonly #latest: string[] = []

  constructor(correlation: Correlation, capacity: number) {
    this.#correlation = correlation
    this.keys = new RecentKeys(capacity)
  }

  /** Takes in an event of the group whose slot was claimed last. */
  observe(slot: number, time: number, value: string): Verdict | undefined {
    if (this.keys.fresh) this.#put(slot, time, 0, [])
    const before = this.#rows[slot * ROW + EVENTS]++
    if (this.#latest[slot] === value) return undefined
    this.#latest[slot] = value
    const values = this.#values[slot]
    if (values.includes(value)) return undefined
    values.push(value)
    if (values.length > MAX_VALUES) values.shift()
    const firstTime = this.#rows[slot * ROW + FIRST]
    const established = time - firstTime >= this.#correlation.knownForMs && enough(before, this.#correlation)
    return established ? { measure: values.length - 1, events: before, firstTime } : undefined
  }

  /** Adds what is known of a group, as the latest. */
  add(group: string, { first, events, values }: Known): void {
    this.#put(this.keys.claim(group), first, events, [...values])
  }

  known(slot: number): Known {
    const row = slot * ROW
    return { first: this.#rows[row + FIRST], events: this.#rows[row + EVENTS], values: this.#values[slot] }
  }

  #put(slot: number, first: number, events: number, values: string[]): void {
    this.#rows = grown(this.#rows, (slot + 1) * ROW)
    this.#rows[slot * ROW + FIRST] = first
    this.#rows[slot * ROW + EVENTS] = events
    this.#values[slot] = values
    this.#latest[slot] = ''
  }
}

/** The condition of Oddline's own types is about the events by which a group is known. */
export function enough(events: number, { thresholds }: Correlation): boolean {
  return thresholds.every(({ operator, value }) => (operator === 'gt' ? events > value : events >= value))
}
