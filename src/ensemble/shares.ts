import { wilson } from '../core/wilson.ts'
import type { Calibration, Tail } from './calibration.ts'

/** Minimum number of scores above the threshold for a tail model. */
export const MIN_EXCEEDANCES = 10
/**
 * Standard errors between an estimated share and the one that is returned: an upper bound with a confidence of 84 %, so
 * that a small sample never makes an event rarer than it can attest.
 */
const CAUTION = 1
/** A share below one in ten times the independent held-out events is not attested by them. */
const BEYOND_SAMPLE = 10
/**
 * Scores that differ by less are equal: relative to the score, and in units of it. What profiles learn between the
 * held-out events and the end of training moves values by some thousandths; without this, regular traffic would score just
 * above all that was held out of it.
 */
const RESOLUTION = { relative: 0.02, absolute: 0.01 }
/** Smallest estimate. */
const RAREST = 1e-12
/** Cells of the lookup table over the range of the knots. */
const CELLS = 4096

/**
 * Looks up the share of normal events with at least a given raw score: an estimate, which orders scores best, or an upper
 * bound, which people are told and alerted by. Within the held-out scores the
 * share is the rank, (number of scores at least as high + 1) / (n + 1), which is valid for exchangeable data (Vovk et al.
 * 2005), and its bound is that of Wilson (1927). Above them the tail model gives the share, with its share and scale raised by
 * their standard errors. Scores that are equal have one share, so a plateau of normal events is
 * as ordinary as it is wide. A table makes the lookup fast, because every event needs several.
 */
export class Shares {
  /** The share, by the number of knots below a score. */
  readonly ranked: Float64Array
  readonly #calibration: Calibration
  readonly #knots: Float64Array
  /** From this number of knots below a score, too few are above it for a reliable rank, and the tail model is used. */
  readonly #tailFrom: number
  /** Number of knots below each cell. */
  readonly #below = new Int32Array(CELLS + 1)
  readonly #cellsPerUnit: number
  readonly #rarest: number
  readonly #tail: Tail | undefined

  constructor(calibration: Calibration, as: 'estimate' | 'bound') {
    const { count, effective = count } = calibration
    const knots = Float64Array.from(calibration.knots)
    const ranks = Float64Array.from(
      { length: knots.length + 1 },
      (_, low) => ((knots.length - low) / knots.length) * count,
    )
    this.#calibration = calibration
    const bounded = as === 'bound'
    this.#rarest = bounded ? 1 / (BEYOND_SAMPLE * effective) : RAREST
    this.#tail = calibration.tail && bounded ? boundOf(calibration.tail, effective) : calibration.tail
    this.#knots = knots
    this.ranked = ranks.map((rank) => {
      const share = (rank + 1) / (count + 1)
      return bounded ? wilson(effective * share, effective, CAUTION)[1] : share
    })
    this.#tailFrom = ranks.findIndex((rank) => rank < MIN_EXCEEDANCES)
    const width = knots[knots.length - 1] - knots[0]
    this.#cellsPerUnit = width > 0 ? CELLS / width : 0
    for (let cell = 0, knot = 0; cell < CELLS; cell++) {
      while (knot < knots.length && this.#cell(knots[knot]) < cell) knot++
      this.#below[cell] = knot
    }
    this.#below[CELLS] = knots.length
  }

  /** The share, 0 to 1. */
  of(raw: number): number {
    const below = this.below(raw)
    return below < 0 ? this.beyond(raw) : this.ranked[below]
  }

  /** The number of knots below a score, an index of `ranked`; -1 if the tail model applies, see `beyond`. */
  below(raw: number): number {
    const score = lowered(raw)
    const low = this.#search(score)
    const { tail } = this.#calibration
    return tail === undefined || score <= tail.threshold || low < this.#tailFrom ? low : -1
  }

  /** The share by the tail model. Valid only if `below` returned -1. */
  beyond(raw: number): number {
    const { threshold, share, shape, scale } = this.#tail!
    const score = lowered(raw)
    const excess = (score - threshold) / scale
    const beyond = shape < 1e-6 ? Math.exp(-excess) : (1 + shape * excess) ** (-1 / shape)
    // The sum keeps the order of scores that are both beyond what the sample attests.
    return Math.min(this.ranked[this.#search(score)], share * beyond + this.#rarest)
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

  /** Monotonic in the score, so only the knots of the same cell need a comparison. */
  #cell(raw: number): number {
    return Math.max(0, Math.min(CELLS - 1, (raw - this.#knots[0]) * this.#cellsPerUnit)) | 0
  }
}

/** The lowest score that equals this one. */
function lowered(raw: number): number {
  return raw - Math.max(RESOLUTION.absolute, RESOLUTION.relative * Math.abs(raw))
}

/** The tail with its share and scale raised by their standard errors, which depend on the independent scores above it. */
function boundOf({ threshold, share, shape, scale }: Tail, effective: number): Tail {
  const above = Math.max(1, effective * share)
  return {
    threshold,
    share: wilson(effective * share, effective, CAUTION)[1],
    shape,
    scale: scale * (1 + CAUTION / Math.sqrt(above)),
  }
}
