import type { EventBlock } from '../core/block.ts'
import type { Evidence } from '../core/finding.ts'
import type { Detector, Explained } from '../detectors/detector.ts'

/** What a detector has to say of several events of a block, in their order. */
export async function explainMany(
  detector: Detector,
  block: EventBlock,
  events: readonly Explained[],
): Promise<Evidence[]> {
  if (detector.explainMany) return detector.explainMany(block, events)
  const evidence: Evidence[] = []
  for (const { index, calibrated } of events) evidence.push(await detector.explain(block, index, calibrated))
  return evidence
}
