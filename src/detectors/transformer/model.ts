import type { Dimensions } from './parameters.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A trained transformer: all that is needed to score with it, on this host or another. */
export interface TransformerModel {
  readonly dimensions: Dimensions
  /** Predecessors that every event of a long session keeps in sight, at least. */
  readonly overlap: number
  readonly vocabulary: Vocabulary
  /** All parameters, in the order of `parametersOf(dimensions)`. */
  readonly weights: Float32Array
  /** Mean negative log-likelihood of the held-out sessions, nats per token. */
  readonly heldOutLoss: number
}
