import type { EventBlock } from '../../core/columns/block.ts'
import { fromPortable, type PortableBlock } from '../../core/columns/portable-block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { type Explained, explainMany } from '../../detectors/detector.ts'
import { serve } from '../../threads/serve.ts'
import type { DriftCounts } from '../drift/drift-meter.ts'
import { type DetectorParts, openDetector } from '../models/learnt-detector.ts'

export type DetectorProtocol = {
  readonly settings: DetectorParts
  readonly calls: {
    /** Several blocks for a detector that takes several at once. */
    score(blocks: readonly { readonly id: number; readonly block: PortableBlock }[]): Float32Array[]
    explain(block: number, events: readonly Explained[]): Evidence[]
    snapshot(): Uint8Array
    restore(snapshot: Uint8Array): void
    drift(): DriftCounts
    driftSnapshot(): Uint8Array
    restoreDrift(snapshot: Uint8Array): void
  }
  readonly orders: { release(block: number): void }
  readonly event: never
}

serve<DetectorProtocol>(async (parts) => {
  const detector = await openDetector(parts)
  /** Blocks that may still have to be explained. */
  const held = new Map<number, EventBlock>()
  return {
    calls: {
      async score(shared) {
        const blocks = shared.map(({ id, block }) => {
          const here = fromPortable(block)
          held.set(id, here)
          return here
        })
        return detector.scoreMany ? detector.scoreMany(blocks) : [await detector.score(blocks[0])]
      },
      explain: (block, events) => explainMany(detector, held.get(block)!, events),
      snapshot: () => detector.snapshot(),
      restore: (snapshot) => detector.restore(snapshot),
      drift: () => detector.drift(),
      driftSnapshot: () => detector.driftSnapshot(),
      restoreDrift: (snapshot) => detector.restoreDrift(snapshot),
    },
    orders: {
      release(block) {
        held.delete(block)
      },
    },
    // Findings wait for their explanations; scores are asked for blocks ahead.
    urgent: 'explain',
    close: () => detector.close(),
  }
})
