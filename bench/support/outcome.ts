import { wilson } from '../../src/core/wilson.ts'

/** How well flags tell anomalies from normals, where the normals are a sample. */
export interface Outcome {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** F1 at the ends of the interval of the false-positive rate, recall as measured. */
  readonly f1Low: number
  readonly f1High: number
  /** False-positive rate, with its 95 % Wilson interval. */
  readonly rate: number
  readonly rateLow: number
  readonly rateHigh: number
  readonly falsePositives: number
  readonly missed: number
}

/** `weight` is the number of normal sessions that each sampled one represents. */
export function outcomeOf(normal: readonly boolean[], abnormal: readonly boolean[], weight: number): Outcome {
  const falsePositives = normal.filter(Boolean).length
  const found = abnormal.filter(Boolean).length
  const missed = abnormal.length - found
  const f1 = (rate: number) => (2 * found) / (2 * found + missed + rate * normal.length * weight)
  const rate = falsePositives / normal.length
  const [rateLow, rateHigh] = wilson(falsePositives, normal.length)
  return {
    precision: found / (found + falsePositives * weight),
    recall: found / abnormal.length,
    f1: f1(rate),
    f1Low: f1(rateHigh),
    f1High: f1(rateLow),
    rate,
    rateLow,
    rateHigh,
    falsePositives,
    missed,
  }
}
