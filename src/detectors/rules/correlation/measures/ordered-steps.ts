import { grown } from '../../../../core/columns/grown.ts'
import type { Mark, Occurrences } from '../occurrences.ts'
import type { Measure } from './measure.ts'

/**
 * Checks that all rules occur in a window in order. For each step it stores the number of the occurrence with which the
 * shortest path to that step began (counted since the window was opened). The path is valid until that occurrence is
 * dropped.
 */
export class OrderedSteps implements Measure {
  readonly #occurrences: Occurrences
  readonly #rules: number
  readonly #width: number
  /**
   * Per window: the number of occurrences so far, then per step the number of the occurrence that began the path, or
   * -1.
   */
  #rows = new Float64Array(0)

  constructor(occurrences: Occurrences, rules: number) {
    this.#occurrences = occurrences
    this.#rules = rules
    this.#width = 1 + rules
  }

  open(window: number): void {
    const row = window * this.#width
    this.#rows = grown(this.#rows, row + this.#width)
    this.#rows[row] = 0
    this.#rows.fill(-1, row + 1, row + this.#width)
  }

  added(window: number, mark: Mark, last: boolean): void {
    if (last) this.#step(window, mark as number)
    else this.#stepAnew(window)
  }

  dropped(): void {}

  /** The number of rules, if all of them occurred in order. */
  of(window: number): number | undefined {
    const row = window * this.#width
    const dropped = this.#rows[row] - this.#occurrences.lengthOf(window)
    return this.#rows[row + this.#rules] >= dropped ? this.#rules : undefined
  }

  #stepAnew(window: number): void {
    this.open(window)
    this.#occurrences.forEach(window, (mark) => this.#step(window, mark as number))
  }

  #step(window: number, rule: number): void {
    const row = window * this.#width
    const number = this.#rows[row]++
    this.#rows[row + 1 + rule] = rule === 0 ? number : this.#rows[row + rule]
  }
}
