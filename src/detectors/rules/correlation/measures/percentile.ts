import type { Occurrences } from '../occurrences.ts'
import type { Measure } from './measure.ts'

/** The percentile of a window's marks by nearest rank; the marks are sorted at each call. */
export class Percentile implements Measure {
  readonly #occurrences: Occurrences
  readonly #rank: number

  constructor(occurrences: Occurrences, rank: number) {
    this.#occurrences = occurrences
    this.#rank = rank
  }

  open(): void {}

  added(): void {}

  dropped(): void {}

  of(window: number): number {
    const values: number[] = []
    this.#occurrences.forEach(window, (mark) => values.push(mark as number))
    values.sort((a, b) => a - b)
    return values[Math.max(0, Math.ceil((this.#rank / 100) * values.length) - 1)]
  }
}
