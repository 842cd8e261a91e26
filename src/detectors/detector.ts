import type { EventBlock } from '../core/columns/block.ts'
import type { DetectorName, Evidence } from '../core/documents/finding.ts'

/** An event that became a finding, and its calibrated score, 0 to 1. */
export interface Explained {
  readonly index: number
  readonly calibrated: number
}

/**
 * The contract of a detector. The pipeline scores every block once, in the order of reading, and may be several blocks
 * ahead when it asks `explain` for the events of a block that became findings. A detector may keep state between blocks
 * (windows, sessions); it must not depend on where blocks begin and end, on wall-clock time or on chance, so that a run
 * interrupted and resumed gives the findings of one that was not.
 */
export interface Detector {
  readonly name: DetectorName
  /** One pass over a block; `scores[i]` belongs to event i; higher is stranger; NaN where there is no opinion. Never throws for data. */
  score(block: EventBlock): Float32Array | Promise<Float32Array>
  /** The scores of several blocks in their order, the same as one by one; for a detector to which a long stretch is cheaper. */
  scoreMany?(blocks: readonly EventBlock[]): Promise<Float32Array[]>
  /**
   * What made the score of event `index`, in terms that a person can act on. `score` in it is the calibrated one, 0 to 1.
   * The block is one that was scored and that the caller has kept hold of, not necessarily the last.
   */
  explain(block: EventBlock, index: number, calibrated: number): Evidence | Promise<Evidence>
  /** The same of several events of a block, for a detector to which a question is dear. */
  explainMany?(block: EventBlock, events: readonly Explained[]): Promise<Evidence[]>
  /** Nothing more will be asked of the block. For a detector that does not see the caller let go of it. */
  release?(block: EventBlock): void
  /** State between blocks, to be committed with the offsets of the lines that made it. */
  snapshot?(): Uint8Array | Promise<Uint8Array>
  /** Takes a snapshot back; throws an OddlineError MODEL_INVALID if it cannot be read, and is then as new. */
  restore?(snapshot: Uint8Array): void | Promise<void>
}
