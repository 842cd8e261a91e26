import type { Dimensions } from './parameters.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A trained transformer. */
export interface TransformerModel {
  readonly dimensions: Dimensions
  /** Minimum number of previous events that the model sees in a long session. */
  readonly overlap: number
  readonly vocabulary: Vocabulary
  /** All parameters, flat, in the order of `parametersOf(dimensions)`. */
  readonly weights: Float32Array
  /** Mean negative log-likelihood of the held-out sessions, nats per token. */
  readonly heldOutLoss: number
}
