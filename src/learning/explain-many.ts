import type { EventBlock } from '../core/columns/block.ts'
import type { Evidence } from '../core/documents/finding.ts'
import type { Detector, Explained } from '../detectors/detector.ts'

/** What a detector has to say of several events of a block, in their order. It has looked at the block when this returns. */
export function explainMany(detector: Detector, block: EventBlock, events: readonly Explained[]): Promise<Evidence[]> {
  if (detector.explainMany) return detector.explainMany(block, events)
  return Promise.all(events.map(({ index, calibrated }) => detector.explain(block, index, calibrated)))
}
