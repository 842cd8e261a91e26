import type { Calibration, Tail } from './calibration.ts'
import { MIN_EXCEEDANCES, Shares } from './shares.ts'

/** Share of the held-out scores that the tail model is fitted to. */
const TAIL = 0.05
/** The tail model is fitted to at least this many scores, but never to more than a quarter of them. */
const FEW_EXCEEDANCES = 25
/** Maximum number of points of the stored empirical distribution. */
const KNOTS = 4096

/**
 * Fits the distribution of held-out scores. The tail is a generalised Pareto distribution over the threshold
 * (Pickands 1975), fitted by the method of moments (Hosking & Wallis 1987, section 3).
 * NaN scores are ignored.
 * @param clients number of the client of each score, to correct for events that are not independent
 * @throws RangeError if there is no score
 */
export function calibrate(
  heldOut: Float32Array | Float64Array | readonly number[],
  clients?: ArrayLike<number>,
): Calibration {
  const sorted = Float64Array.from(heldOut)
    .filter((score) => !Number.isNaN(score))
    .sort()
  const count = sorted.length
  if (count === 0) throw new RangeError('A calibration needs at least one score of normal data')
  const kept = Math.min(count, KNOTS)
  const knots = Array.from({ length: kept }, (_, i) =>
    kept === 1 ? sorted[0] : sorted[Math.round((i * (count - 1)) / (kept - 1))],
  )
  const high = sorted[Math.floor(count * (1 - TAIL))]
  // On a plateau of lowest scores "high" would be everything.
  const from = high > sorted[0] ? high : sorted.find((score) => score > high)
  const effective = clients && from !== undefined ? effectiveCount(heldOut, clients, from) : undefined
  return { count, knots, ...(effective !== undefined && { effective }), tail: fitTail(sorted) }
}

/**
 * The number of independent scores with the same variance of the share of scores from `from` on, by the design effect of
 * samples in clusters (Kish 1965): the clusters are the clients. Undefined if there are fewer than two clients.
 */
function effectiveCount(scores: ArrayLike<number>, clients: ArrayLike<number>, from: number): number | undefined {
  const clusters = new Map<number, { events: number; above: number }>()
  let [events, above] = [0, 0]
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) continue
    const cluster = clusters.get(clients[i]) ?? { events: 0, above: 0 }
    clusters.set(clients[i], cluster)
    cluster.events++
    events++
    if (scores[i] >= from) {
      cluster.above++
      above++
    }
  }
  const share = above / events
  if (clusters.size < 2 || above === 0) return undefined
  let variance = 0
  for (const cluster of clusters.values()) variance += (cluster.above - share * cluster.events) ** 2
  const effect = ((variance / (events * share * (1 - share))) * clusters.size) / (clusters.size - 1)
  return Math.max(1, Math.round(events / Math.max(1, effect)))
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

const ESTIMATES = new WeakMap<Calibration, Shares>()
const BOUNDS = new WeakMap<Calibration, Shares>()

/** The lookup table of a calibration's estimates, built once: for what is combined with others and calibrated again. */
export function estimatesOf(calibration: Calibration): Shares {
  const shares = ESTIMATES.get(calibration) ?? new Shares(calibration, 'estimate')
  ESTIMATES.set(calibration, shares)
  return shares
}

/** The lookup table of a calibration's upper bounds, built once: for what is said and for what raises an alert. */
export function boundsOf(calibration: Calibration): Shares {
  const shares = BOUNDS.get(calibration) ?? new Shares(calibration, 'bound')
  BOUNDS.set(calibration, shares)
  return shares
}

/** Share of normal events, 0 to 1, with at least this raw score. */
export function tailShare(calibration: Calibration, raw: number): number {
  return boundsOf(calibration).of(raw)
}

/** A score rises by this much when normal events with the same raw score are ten times rarer. */
export const PER_DECADE = 0.1

/**
 * Converts a share of normal events to a score, 0 to 1. A share equal to the contamination gives 0.5; each power of ten
 * below it adds 0.1. The maximum is 0.97: higher scores are reserved for rules.
 */
export function toScore(share: number, contamination: number): number {
  if (Number.isNaN(share)) return Number.NaN
  if (share >= contamination) return Math.max(0, (0.5 * Math.log(share)) / Math.log(contamination))
  return Math.min(0.97, 0.5 + PER_DECADE * Math.log10(contamination / share))
}

/**
 * Returns a function that calibrates the raw scores of a block as `toScore` does; NaN stays NaN. Keep the function: it holds
 * a lookup table.
 */
export function scorer(calibration: Calibration, contamination: number): (raw: Float32Array) => Float32Array {
  const shares = boundsOf(calibration)
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

/** "One in this many normal events is as odd": 1 / share, rounded to two significant digits. */
export function oneIn(share: number): number {
  const exact = 1 / share
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1)
  return Math.round(exact / magnitude) * magnitude
}
