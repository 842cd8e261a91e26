import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EventBlock } from '../../core/columns/block.ts'
import type { BlockMemory } from '../../core/columns/block-memory.ts'
import type { DetectorName, Evidence } from '../../core/documents/finding.ts'
import { OddlineError } from '../../core/errors.ts'
import type { Explained } from '../../detectors/detector.ts'
import type { DriftCounts } from '../drift/drift-meter.ts'
import type { DetectorParts, LearntDetector, OpenDetector } from '../models/learnt-detector.ts'
import type { DetectorAnswer, DetectorQuestion, DetectorRequest } from './detector-thread.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Little outlives a block, so that a larger nursery would only hold more garbage. */
const YOUNG_MEMORY_MB = 6

/** Makes detectors that work on threads of their own, to which blocks go through `memory`. */
export function detectorThreads(memory: BlockMemory): OpenDetector {
  return async (parts) => {
    const thread = new DetectorThread(parts, memory)
    await thread.opened
    return thread
  }
}

/** A detector on another thread. It scores in the order of asking, so what it says does not depend on timing. */
class DetectorThread implements LearntDetector {
  readonly name: DetectorName
  readonly opened: Promise<unknown>
  readonly scoreMany?: LearntDetector['scoreMany']
  readonly #worker: Worker
  readonly #memory: BlockMemory
  readonly #ids = new Map<EventBlock, number>()
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #dead: Error | undefined

  constructor(parts: DetectorParts, memory: BlockMemory) {
    this.name = parts.name
    this.#memory = memory
    if (parts.name === 'transformer') this.scoreMany = (blocks) => this.#score(blocks)
    this.#worker = new Worker(new URL(`./detector-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: parts,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    })
    this.#worker.on('message', (answer: DetectorAnswer) => this.#receive(answer))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#fail(new Error(`The thread of ${parts.name} has ended`)))
    this.opened = this.#answer(this.#next++)
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
    return this.#ask({ type: 'explain', block: this.#ids.get(block)!, events })
  }

  release(block: EventBlock): void {
    const id = this.#ids.get(block)
    if (id === undefined) return
    this.#ids.delete(block)
    if (!this.#dead) this.#worker.postMessage({ type: 'release', block: id } satisfies DetectorRequest)
  }

  snapshot(): Promise<Uint8Array> {
    return this.#ask({ type: 'snapshot' })
  }

  restore(snapshot: Uint8Array): Promise<void> {
    return this.#ask({ type: 'restore', snapshot })
  }

  drift(): Promise<DriftCounts> {
    return this.#ask({ type: 'drift' })
  }

  driftSnapshot(): Promise<Uint8Array> {
    return this.#ask({ type: 'drift-snapshot' })
  }

  restoreDrift(snapshot: Uint8Array): Promise<void> {
    return this.#ask({ type: 'restore-drift', snapshot })
  }

  async close(): Promise<void> {
    if (this.#dead) return
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    await this.#ask({ type: 'close' })
    await ended
  }

  #score(blocks: readonly EventBlock[]): Promise<Float32Array[]> {
    const shared = blocks.map((block) => {
      const id = this.#next++
      this.#ids.set(block, id)
      return { id, block: this.#memory.share(block) }
    })
    return this.#ask({ type: 'score', blocks: shared })
  }

  #ask<T>(question: DetectorQuestion): Promise<T> {
    const id = this.#next++
    const answer = this.#answer(id)
    if (!this.#dead) this.#worker.postMessage({ ...question, id } satisfies DetectorRequest)
    return answer as Promise<T>
  }

  #answer(id: number): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
    })
  }

  #receive(answer: DetectorAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.type === 'done') waiting?.resolve(answer.value)
    else waiting?.reject(answer.code ? new OddlineError(answer.code, answer.message) : new Error(answer.message))
  }

  #fail(error: Error): void {
    this.#dead ??= error
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(this.#dead)
  }
}
