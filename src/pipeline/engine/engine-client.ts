import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BatchProgress, BatchResult } from '../../core/documents/batch.ts'
import type { Phase } from '../../core/documents/finding.ts'
import type { TrainingProgress } from '../../core/documents/training.ts'
import { OddlineError } from '../../core/errors.ts'
import type { EngineReply, EngineRequest, EngineSettings } from './engine-protocol.ts'

export interface EngineEvents {
  onProgress(progress: BatchProgress): void
  onPhase(from: Phase, to: Phase): void
  /** Models are to be learnt anew, and why. */
  onDue(reason: string): void
  onTraining(progress: TrainingProgress): void
  onTrainingFailed(reason: string): void
  onBadModel(message: string): void
  /** A sink's full queue pushed findings out to its dead letters. */
  onOverflow(sink: string, findings: number): void
  /** Changed rules are in force. */
  onRules(rules: number): void
  /** Changed rules cannot be used; those before stay in force. */
  onBadRules(message: string): void
}

interface Waiting {
  readonly resolve: (reply: EngineReply) => void
  readonly reject: (error: Error) => void
}

/** The engine from the main thread: one request at a time, `stop` at any time. */
export class EngineClient {
  readonly #worker: Worker
  readonly #events: EngineEvents
  #waiting: Waiting | undefined
  #dead: Error | undefined

  private constructor(settings: EngineSettings, events: EngineEvents) {
    this.#events = events
    this.#worker = new Worker(new URL(`./engine-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: settings,
      // Blocks live in large buffers; a small nursery keeps the rest from growing into hundreds of megabytes. The other limit
      // is far above what is in use: where it is below two gigabytes, the heap grows by less before it is swept.
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 },
    })
    this.#worker.on('message', (reply: EngineReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#fail(new Error('The batch thread has ended')))
  }

  /** Starts the thread and waits until state, rules and models are loaded. */
  static async open(settings: EngineSettings, events: EngineEvents): Promise<EngineClient> {
    const client = new EngineClient(settings, events)
    await client.#await()
    return client
  }

  async run(options: { dryRun: boolean }): Promise<BatchResult> {
    const reply = await this.#request({ type: 'run', ...options })
    if (reply.type !== 'done') throw new Error(`The batch thread answered ${reply.type}`)
    return reply.result
  }

  /** Waits until training that is under way has ended. */
  async settle(): Promise<void> {
    await this.#request({ type: 'settle' })
  }

  /** Ends the run or the wait that is under way, early and whole. */
  stop(): void {
    if (!this.#dead) this.#worker.postMessage({ type: 'stop' } satisfies EngineRequest)
  }

  async close(): Promise<void> {
    if (this.#dead) return
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage({ type: 'close' } satisfies EngineRequest)
    await ended
  }

  #request(request: EngineRequest): Promise<EngineReply> {
    const answer = this.#await()
    this.#worker.postMessage(request)
    return answer
  }

  #await(): Promise<EngineReply> {
    if (this.#dead) return Promise.reject(this.#dead)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  #receive(reply: EngineReply): void {
    switch (reply.type) {
      case 'progress':
        this.#events.onProgress(reply.progress)
        return
      case 'phase':
        this.#events.onPhase(reply.from, reply.to)
        return
      case 'due':
        this.#events.onDue(reply.reason)
        return
      case 'training':
        this.#events.onTraining(reply.progress)
        return
      case 'training-failed':
        this.#events.onTrainingFailed(reply.reason)
        return
      case 'bad-model':
        this.#events.onBadModel(reply.message)
        return
      case 'overflowed':
        this.#events.onOverflow(reply.sink, reply.findings)
        return
      case 'rules':
        this.#events.onRules(reply.rules)
        return
      case 'bad-rules':
        this.#events.onBadRules(reply.message)
        return
      case 'failed':
        this.#waiting?.reject(revive(reply))
        return
      case 'ready':
      case 'done':
      case 'settled':
        this.#waiting?.resolve(reply)
        return
      default:
        reply satisfies never
    }
  }

  #fail(error: Error): void {
    this.#dead ??= error
    this.#waiting?.reject(error)
  }
}

function revive(reply: Extract<EngineReply, { type: 'failed' }>): Error {
  const error = reply.code ? new OddlineError(reply.code, reply.message) : new Error(reply.message)
  if (reply.stack) error.stack = reply.stack
  return error
}
