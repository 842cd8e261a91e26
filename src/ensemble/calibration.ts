/**
 * The distribution of a detector's scores on normal data that it was not trained on. It converts a raw score to the share
 * of normal events with at least that score, which is comparable between detectors.
 */
export interface Calibration {
  /** Number of held-out events. */
  readonly count: number
  /**
   * Number of independent events that would tell as much, at most `count`: the events of one client resemble each other.
   * Absent if the clients are not known; then all events count as independent.
   */
  readonly effective?: number
  /** Their scores in ascending order, thinned to at most 4,096 evenly spaced order statistics. */
  readonly knots: readonly number[]
  /** Tail model above `tail.threshold`; absent if the data has too few distinct high scores. */
  readonly tail?: Tail
}

/** A generalised Pareto distribution of the scores above a threshold (Pickands 1975). */
export interface Tail {
  readonly threshold: number
  /** Share of the held-out events above the threshold. */
  readonly share: number
  /** Shape, at least 0. A negative shape would declare scores beyond the sample impossible. */
  readonly shape: number
  readonly scale: number
}
