/**
 * A detector's scores on normal data that it was not trained on, as a distribution. It turns a raw score into the share
 * of normal events at least as odd, which means the same for every detector.
 */
export interface Calibration {
  /** Held-out events. */
  readonly count: number
  /** Their scores in ascending order, thinned to at most 4,096 evenly spaced order statistics. */
  readonly knots: readonly number[]
  /** Generalised Pareto tail above `threshold`, or absent where the data does not support one. */
  readonly tail?: Tail
}

export interface Tail {
  readonly threshold: number
  /** Share of the held-out events above the threshold. */
  readonly share: number
  /** Shape, at least 0: a bounded tail would call some scores impossible on the word of a sample. */
  readonly shape: number
  readonly scale: number
}
