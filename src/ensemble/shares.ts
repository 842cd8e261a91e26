import type { Calibration } from './calibration.ts'

/** Exceedances that a tail model needs; with fewer the empirical distribution must do. */
export const MIN_EXCEEDANCES = 10
/** Nobody has seen more than this many events of a kind, so nothing is rarer. */
const RAREST = 1e-12
/** Cells that the range of the knots is divided into. */
const CELLS = 4096

/**
 * The share of normal events at least as odd as a raw score. Within the held-out range it is the rank, (number at least
 * as high + 1) / (n + 1), which is never too small for exchangeable data (Vovk et al. 2005); beyond, the tail model's.
 * A place among the knots is looked up in a table, because every event is asked about several times.
 */
export class Shares {
  /** Shares by the number of knots below a score. */
  readonly ranked: Float64Array
  readonly #calibration: Calibration
  readonly #knots: Float64Array
  /** Number of knots below, from which on a score beyond the threshold has too few above it for a rank. */
  readonly #tailFrom: number
  /** Knots below each cell. */
  readonly #below = new Int32Array(CELLS + 1)
  readonly #cellsPerUnit: number

  constructor(calibration: Calibration) {
    const { count } = calibration
    const knots = Float64Array.from(calibration.knots)
    const ranks = Float64Array.from(
      { length: knots.length + 1 },
      (_, low) => ((knots.length - low) / knots.length) * count,
    )
    this.#calibration = calibration
    this.#knots = knots
    this.ranked = ranks.map((rank) => (rank + 1) / (count + 1))
    this.#tailFrom = ranks.findIndex((rank) => rank < MIN_EXCEEDANCES)
    const width = knots[knots.length - 1] - knots[0]
    this.#cellsPerUnit = width > 0 ? CELLS / width : 0
    for (let cell = 0, knot = 0; cell < CELLS; cell++) {
      while (knot < knots.length && this.#cell(knots[knot]) < cell) knot++
      this.#below[cell] = knot
    }
    this.#below[CELLS] = knots.length
  }

  of(raw: number): number {
    const below = this.below(raw)
    return below < 0 ? this.beyond(raw) : this.ranked[below]
  }

  /** The number of knots below a score; -1 where `beyond` is to be asked. */
  below(raw: number): number {
    const low = this.#search(raw)
    const { tail } = this.#calibration
    // The model only speaks where the ranks end: a handful of events is no rank.
    return tail === undefined || raw <= tail.threshold || low < this.#tailFrom ? low : -1
  }

  /** What the tail model says, where the ranks end. */
  beyond(raw: number): number {
    const { threshold, share, shape, scale } = this.#calibration.tail!
    const excess = (raw - threshold) / scale
    const beyond = shape < 1e-6 ? Math.exp(-excess) : (1 + shape * excess) ** (-1 / shape)
    return Math.max(RAREST, Math.min(this.ranked[this.#search(raw)], share * beyond))
  }

  #search(raw: number): number {
    const cell = this.#cell(raw)
    let low = this.#below[cell]
    let high = this.#below[cell + 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#knots[middle] < raw) low = middle + 1
      else high = middle
    }
    return low
  }

  /** A higher score never has a lower cell, so that only the knots of its own cell are to be compared with. */
  #cell(raw: number): number {
    return Math.max(0, Math.min(CELLS - 1, (raw - this.#knots[0]) * this.#cellsPerUnit)) | 0
  }
}
