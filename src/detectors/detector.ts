import type { EventBlock } from '../core/columns/block.ts'
import type { DetectorName, Evidence } from '../core/documents/finding.ts'

/** An event that became a finding. */
export interface Explained {
  /** Index of the event in its block. */
  readonly index: number
  /** Calibrated score, 0 to 1. */
  readonly calibrated: number
}

/**
 * The contract of a detector. The pipeline scores every block once, in reading order. It asks for explanations later, and
 * may have scored several more blocks by then. A detector may keep state between blocks, such as windows and sessions.
 * Its scores must not depend on where blocks begin and end, on the clock or on chance, so that an interrupted and resumed
 * run gives the same findings as an undisturbed one.
 */
export interface Detector {
  readonly name: DetectorName
  /**
   * Scores a block. `scores[i]` belongs to event i: higher is more anomalous, NaN means no opinion. Never throws because of
   * log content.
   */
  score(block: EventBlock): Float32Array | Promise<Float32Array>
  /** Scores several blocks, with the same results as one by one. For detectors that score a long stretch faster. */
  scoreMany?(blocks: readonly EventBlock[]): Promise<Float32Array[]>
  /**
   * Explains the score of event `index` in terms that a person can act on. The block has been scored and is still held by
   * the caller. `calibrated` (0 to 1) becomes the score of the evidence.
   */
  explain(block: EventBlock, index: number, calibrated: number): Evidence | Promise<Evidence>
  /** Explains several events of a block, in their order. For detectors where each request is expensive. */
  explainMany?(block: EventBlock, events: readonly Explained[]): Promise<Evidence[]>
  /** Says that no more requests about the block will come. For detectors in other threads. */
  release?(block: EventBlock): void
  /** The state between blocks. It is committed together with the offsets of the lines that led to it. */
  snapshot?(): Uint8Array | Promise<Uint8Array>
  /** Restores a snapshot. @throws OddlineError MODEL_INVALID if it cannot be read; the detector then has no state */
  restore?(snapshot: Uint8Array): void | Promise<void>
}

/** Explains several events of a block, in their order. The detector reads the block before this returns its promise. */
export function explainMany(detector: Detector, block: EventBlock, events: readonly Explained[]): Promise<Evidence[]> {
  if (detector.explainMany) return detector.explainMany(block, events)
  return Promise.all(events.map(({ index, calibrated }) => detector.explain(block, index, calibrated)))
}
