/** How far a training is. */
export interface TrainingProgress {
  readonly step: number
  /** Steps at most. */
  readonly steps: number
  /** Mean training loss since the last report, nats per token. */
  readonly loss: number
  readonly heldOutLoss: number
  readonly elapsedMs: number
}
