import type { EventBlock } from '../../core/columns/block.ts'
import type { BlockMemory } from '../../core/columns/block-memory.ts'
import type { DetectorName, Evidence } from '../../core/documents/finding.ts'
import type { Explained } from '../../detectors/detector.ts'
import { ThreadClient, threadModule } from '../../threads/client.ts'
import type { DriftCounts } from '../drift/drift-meter.ts'
import type { DetectorParts, LearntDetector, OpenDetector } from '../models/learnt-detector.ts'
import type { DetectorProtocol } from './detector-thread.ts'

/** Little outlives a block, so that a larger nursery would only hold more garbage. */
const YOUNG_MEMORY_MB = 6

/** Opens each detector in a thread of its own. Blocks cross to it through `memory`. */
export function detectorThreads(memory: BlockMemory): OpenDetector {
  return async (parts) => {
    const thread = new ThreadClient<DetectorProtocol>({
      name: parts.name,
      module: threadModule(import.meta.url, 'detector-thread'),
      settings: parts,
      limits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    })
    await thread.opened
    return new DetectorClient(parts.name, thread, memory)
  }
}

/** A detector in another thread. It scores in the order of asking, so its scores do not depend on timing. */
class DetectorClient implements LearntDetector {
  readonly name: DetectorName
  readonly scoreMany?: LearntDetector['scoreMany']
  readonly #thread: ThreadClient<DetectorProtocol>
  readonly #memory: BlockMemory
  readonly #ids = new Map<EventBlock, number>()
  #next = 0

  constructor(name: DetectorParts['name'], thread: ThreadClient<DetectorProtocol>, memory: BlockMemory) {
    this.name = name
    this.#thread = thread
    this.#memory = memory
    if (name === 'transformer') this.scoreMany = (blocks) => this.#score(blocks)
  }

  async score(block: EventBlock): Promise<Float32Array> {
    const [scores] = await this.#score([block])
    return scores
  }

  async explain(block: EventBlock, index: number, calibrated: number): Promise<Evidence> {
    const [evidence] = await this.explainMany(block, [{ index, calibrated }])
    return evidence
  }

  explainMany(block: EventBlock, events: readonly Explained[]): Promise<Evidence[]> {
    return this.#thread.call('explain', this.#ids.get(block)!, events)
  }

  release(block: EventBlock): void {
    const id = this.#ids.get(block)
    if (id === undefined) return
    this.#ids.delete(block)
    this.#thread.order('release', id)
  }

  snapshot(): Promise<Uint8Array> {
    return this.#thread.call('snapshot')
  }

  restore(snapshot: Uint8Array): Promise<void> {
    return this.#thread.call('restore', snapshot)
  }

  drift(): Promise<DriftCounts> {
    return this.#thread.call('drift')
  }

  driftSnapshot(): Promise<Uint8Array> {
    return this.#thread.call('driftSnapshot')
  }

  restoreDrift(snapshot: Uint8Array): Promise<void> {
    return this.#thread.call('restoreDrift', snapshot)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  #score(blocks: readonly EventBlock[]): Promise<Float32Array[]> {
    const shared = blocks.map((block) => {
      const id = this.#next++
      this.#ids.set(block, id)
      return { id, block: this.#memory.share(block) }
    })
    return this.#thread.call('score', shared)
  }
}
