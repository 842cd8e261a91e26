import type { Calibration, Tail } from './calibration.ts'
import { MIN_EXCEEDANCES, Shares } from './shares.ts'

/** Share of the held-out scores that the tail model stands for; of few scores it is a larger one, up to a quarter. */
const TAIL = 0.05
const FEW_EXCEEDANCES = 25
/** Points that the empirical distribution is kept in. */
const KNOTS = 4096

/**
 * Fits the distribution of held-out scores. The tail is a generalised Pareto distribution over the threshold
 * (Pickands 1975), fitted by its first two moments (Hosking & Wallis 1987, section 3).
 * @throws RangeError for no scores.
 */
export function calibrate(heldOut: Float32Array | Float64Array | readonly number[]): Calibration {
  const sorted = Float64Array.from(heldOut)
    .filter((score) => !Number.isNaN(score))
    .sort()
  const count = sorted.length
  if (count === 0) throw new RangeError('A calibration needs at least one score of normal data')
  const kept = Math.min(count, KNOTS)
  const knots = Array.from({ length: kept }, (_, i) =>
    kept === 1 ? sorted[0] : sorted[Math.round((i * (count - 1)) / (kept - 1))],
  )
  return { count, knots, tail: fitTail(sorted) }
}

function fitTail(sorted: Float64Array): Tail | undefined {
  const wanted = Math.min(Math.max(sorted.length * TAIL, FEW_EXCEEDANCES), sorted.length / 4)
  const start = Math.floor(sorted.length - wanted)
  const threshold = sorted[Math.max(0, start - 1)]
  const exceedances = sorted.subarray(start).filter((score) => score > threshold)
  if (exceedances.length < MIN_EXCEEDANCES) return undefined
  let mean = 0
  for (const score of exceedances) mean += score - threshold
  mean /= exceedances.length
  let variance = 0
  for (const score of exceedances) variance += (score - threshold - mean) ** 2
  variance /= exceedances.length - 1
  const ratio = variance > 0 ? mean ** 2 / variance : 1
  const shape = Math.min(0.4, Math.max(0, (1 - ratio) / 2))
  return { threshold, share: exceedances.length / sorted.length, shape, scale: mean * (1 - shape) }
}

const SHARES = new WeakMap<Calibration, Shares>()

/** A calibration made ready to be asked, once. */
export function sharesOf(calibration: Calibration): Shares {
  let shares = SHARES.get(calibration)
  if (shares === undefined) {
    shares = new Shares(calibration)
    SHARES.set(calibration, shares)
  }
  return shares
}

/** Share of normal events at least as odd as this raw score. */
export function tailShare(calibration: Calibration, raw: number): number {
  return sharesOf(calibration).of(raw)
}

/** What a score gains where normal events that are as odd are ten times rarer. */
export const PER_DECADE = 0.1

/**
 * A share of normal events as a score of 0 to 1: the contamination is 0.5, each power of ten below it adds 0.1, and
 * more than 0.97 is left to those who know what they saw.
 */
export function toScore(share: number, contamination: number): number {
  if (Number.isNaN(share)) return Number.NaN
  if (share >= contamination) return Math.max(0, (0.5 * Math.log(share)) / Math.log(contamination))
  return Math.min(0.97, 0.5 + PER_DECADE * Math.log10(contamination / share))
}

/** Turns the raw scores of a block into those that `toScore` gives their shares; NaN stays NaN. To be kept: it is a table. */
export function scorer(calibration: Calibration, contamination: number): (raw: Float32Array) => Float32Array {
  const shares = sharesOf(calibration)
  const ranked = shares.ranked.map((share) => toScore(share, contamination))
  return (raw) => {
    const scores = new Float32Array(raw.length)
    for (let i = 0; i < raw.length; i++) {
      const score = raw[i]
      const below = shares.below(score)
      if (Number.isNaN(score)) scores[i] = score
      else scores[i] = below < 0 ? toScore(shares.beyond(score), contamination) : ranked[below]
    }
    return scores
  }
}

/** "One in this many normal events looks at least as odd", in figures that do not pretend to more than they know. */
export function oneIn(share: number): number {
  const exact = 1 / share
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1)
  return Math.round(exact / magnitude) * magnitude
}
