import { grown } from '../../../../core/columns/grown.ts'
import type { Mark, Occurrences } from '../occurrences.ts'
import type { Measure } from './measure.ts'

/** Lists up to this length are looked through; most never become longer. */
const SHORT = 8

/** How many different marks a window has: values, or rules. */
export class Different implements Measure {
  readonly #occurrences: Occurrences
  readonly #least: number
  #counts = new Int32Array(0)
  /** How often each mark occurs, of windows that have had more than a few. */
  readonly #tallies: (Map<Mark, number> | undefined)[] = []

  /** With fewer than `least` there is nothing to judge. */
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

  /** How often the mark occurs now that there is one more or less. */
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
