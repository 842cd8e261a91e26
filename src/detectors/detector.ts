import type { EventBlock } from '../core/block.ts'
import type { DetectorName, Evidence } from '../core/finding.ts'

/**
 * The contract of a detector. The pipeline calls `score` once per block, in the order of reading, then `explain` for
 * those events of the same block that became findings, before the next `score`. A detector may keep state between
 * blocks (windows, sessions); it must not depend on where blocks begin and end, on wall-clock time or on chance, so
 * that a run interrupted and resumed gives the findings of one that was not.
 */
export interface Detector {
  readonly name: DetectorName
  /** One pass over a block; `scores[i]` belongs to event i; higher is stranger; NaN where there is no opinion. Never throws for data. */
  score(block: EventBlock): Float32Array | Promise<Float32Array>
  /** What made the score of event `index`, in terms that a person can act on. `score` in it is the calibrated one, 0 to 1. */
  explain(block: EventBlock, index: number, calibrated: number): Evidence | Promise<Evidence>
  /** State between blocks, to be committed with the offsets of the lines that made it. */
  snapshot?(): Uint8Array | Promise<Uint8Array>
  /** Takes a snapshot back; throws an OddlineError MODEL_INVALID if it cannot be read, and is then as new. */
  restore?(snapshot: Uint8Array): void | Promise<void>
}
