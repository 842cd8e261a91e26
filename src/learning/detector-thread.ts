import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EventBlock } from '../core/block.ts'
import { OddlineError } from '../core/errors.ts'
import type { DetectorName, Evidence } from '../core/finding.ts'
import { toPortable } from '../core/portable-block.ts'
import type { DetectorAnswer, DetectorRequest } from './detector-worker.ts'
import type { DriftCounts } from './drift-meter.ts'
import type { DetectorParts, LearntDetector, OpenDetector } from './learnt-detector.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Little outlives a block, so that a larger nursery would only hold more garbage. */
const YOUNG_MEMORY_MB = 16

/** Makes a detector that works on a thread of its own, so that the others need not wait for it. */
export const openDetectorThread: OpenDetector = async (parts) => {
  const thread = new DetectorThread(parts)
  await thread.opened
  return thread
}

/** A detector on another thread. It is asked one thing after the other and answers in that order, so what it says does not depend on timing. */
class DetectorThread implements LearntDetector {
  readonly name: DetectorName
  readonly opened: Promise<unknown>
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  #dead: Error | undefined

  constructor(parts: DetectorParts) {
    this.name = parts.name
    this.#worker = new Worker(new URL(`./detector-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: parts,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    })
    this.#worker.on('message', (answer: DetectorAnswer) => this.#receive(answer))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#fail(new Error(`The thread of ${parts.name} has ended`)))
    this.opened = this.#answer()
  }

  score(block: EventBlock): Promise<Float32Array> {
    return this.#ask({ type: 'score', block: toPortable(block) })
  }

  explain(_block: EventBlock, index: number, calibrated: number): Promise<Evidence> {
    return this.#ask({ type: 'explain', index, calibrated })
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

  #ask<T>(request: DetectorRequest): Promise<T> {
    const answer = this.#answer()
    if (!this.#dead) this.#worker.postMessage(request)
    return answer as Promise<T>
  }

  #answer(): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  }

  #receive(answer: DetectorAnswer): void {
    const waiting = this.#waiting.shift()!
    if (answer.type === 'done') waiting.resolve(answer.value)
    else waiting.reject(answer.code ? new OddlineError(answer.code, answer.message) : new Error(answer.message))
  }

  #fail(error: Error): void {
    this.#dead ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead)
  }
}
