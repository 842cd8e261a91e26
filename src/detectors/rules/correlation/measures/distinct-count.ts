import { grown } from '../../../../core/columns/grown.ts'
import type { Mark, Occurrences } from '../occurrences.ts'
import type { Measure } from './measure.ts'

/** Lists up to this length are searched; most never grow longer. */
const SHORT = 8

/** Number of distinct marks of a window: values, or rules. */
export class DistinctCount implements Measure {
  readonly #occurrences: Occurrences
  readonly #least: number
  #counts = new Int32Array(0)
  /** Number of occurrences per mark, for windows longer than SHORT. */
  readonly #tallies: (Map<Mark, number> | undefined)[] = []

  /** With fewer than `least` marks, the measure is undefined. */
  constructor(occurrences: Occurrences, least: number) {
    this.#occurrences = occurrences
    this.#least = least
  }

  open(window: number): void {
    this.#counts = grown(this.#counts, window + 1)
    this.#counts[window] = 0
    this.#tallies[window] = undefined
  }

  added(window: number, mark: Mark): void {
    if (this.#now(window, mark, 1) === 1) this.#counts[window]++
  }

  dropped(window: number, mark: Mark): void {
    if (this.#now(window, mark, -1) === 0) this.#counts[window]--
  }

  of(window: number): number | undefined {
    const count = this.#counts[window]
    return count < this.#least ? undefined : count
  }

  /** Updates the number of occurrences of a mark and returns it. */
  #now(window: number, mark: Mark, by: number): number {
    const tally = this.#tallies[window]
    if (tally) {
      const now = (tally.get(mark) ?? 0) + by
      if (now === 0) tally.delete(mark)
      else tally.set(mark, now)
      return now
    }
    if (this.#occurrences.lengthOf(window) <= SHORT) return this.#occurrences.count(window, mark)
    const made = new Map<Mark, number>()
    this.#occurrences.forEach(window, (each) => made.set(each, (made.get(each) ?? 0) + 1))
    this.#tallies[window] = made
    return made.get(mark) ?? 0
  }
}
