import { grown } from '../../../../core/columns/grown.ts'
import type { Mark, Occurrences } from '../occurrences.ts'
import type { Measure } from './measure.ts'

/**
 * Whether all rules occur in a window, each at or after the one before. For each step it is known with which occurrence
 * the shortest way to it began, by its number since the window was opened; the way exists until that one is dropped.
 */
export class Steps implements Measure {
  readonly #occurrences: Occurrences
  readonly #rules: number
  readonly #width: number
  /** By window: occurrences in all, then for each step the number of the one that the way began with, or -1. */
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

  /** The number of rules, if they all occurred in their order. */
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
