import { grown } from '../../../../core/columns/grown.ts'
import type { Mark, Occurrences } from '../occurrences.ts'
import type { Measure } from './measure.ts'

/** Integers up to this size add up exactly in any order, for as many as a window holds. */
const EXACT = 2 ** 39

/**
 * The sum of a window's marks, equal to adding them in time order. It is updated incrementally while that is exact;
 * otherwise it is computed again, because subtracting a fraction leaves a rounding error.
 */
export class Sum implements Measure {
  readonly #occurrences: Occurrences
  #sums = new Float64Array(0)
  /** Number of marks of the window that do not add up exactly. */
  #inexact = new Int32Array(0)
  /** 1 if the sum must be computed again. */
  #stale = new Uint8Array(0)

  constructor(occurrences: Occurrences) {
    this.#occurrences = occurrences
  }

  open(window: number): void {
    this.#sums = grown(this.#sums, window + 1)
    this.#inexact = grown(this.#inexact, window + 1)
    this.#stale = grown(this.#stale, window + 1)
    this.#sums[window] = this.#inexact[window] = this.#stale[window] = 0
  }

  added(window: number, mark: Mark, last: boolean): void {
    const value = mark as number
    if (!isExact(value)) this.#inexact[window]++
    this.#carry(window, value, last)
  }

  dropped(window: number, mark: Mark): void {
    const value = mark as number
    // Before the mark is uncounted, because its rounding error is still in the sum.
    this.#carry(window, -value, false)
    if (!isExact(value)) this.#inexact[window]--
  }

  of(window: number): number {
    if (this.#stale[window] === 1) {
      let sum = 0
      this.#occurrences.forEach(window, (mark) => {
        sum += mark as number
      })
      this.#sums[window] = sum
      this.#stale[window] = 0
    }
    return this.#sums[window]
  }

  #carry(window: number, by: number, last: boolean): void {
    if (last || this.#inexact[window] === 0) this.#sums[window] += by
    else this.#stale[window] = 1
  }
}

function isExact(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= EXACT
}
