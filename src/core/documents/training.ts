/** Progress of a training run. */
export interface TrainingProgress {
  readonly step: number
  /** Maximum number of steps. */
  readonly steps: number
  /** Mean training loss since the last report, nats per token. */
  readonly loss: number
  readonly heldOutLoss: number
  readonly elapsedMs: number
}
