import type { BatchResult } from '../../core/documents/batch.ts'
import type { EngineEvent } from '../../core/documents/engine-event.ts'
import { ThreadClient, threadModule } from '../../threads/client.ts'
import type { EngineProtocol, EngineSettings } from './engine-protocol.ts'

/**
 * Blocks live in large buffers; a small nursery keeps the rest from growing into hundreds of megabytes. The other limit
 * is far above what is in use: with less than two gigabytes V8 sweeps the heap earlier.
 */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 }

/** The engine in the batch thread. */
export class EngineClient {
  readonly #thread: ThreadClient<EngineProtocol>

  private constructor(thread: ThreadClient<EngineProtocol>) {
    this.#thread = thread
  }

  /** Starts the thread and waits until state, rules and models are loaded. */
  static async open(settings: EngineSettings, onEvent: (event: EngineEvent) => void): Promise<EngineClient> {
    const module = threadModule(import.meta.url, 'engine-thread')
    const thread = new ThreadClient<EngineProtocol>({ name: 'batch', module, settings, limits: MEMORY, onEvent })
    await thread.opened
    return new EngineClient(thread)
  }

  run(options: { readonly dryRun: boolean }): Promise<BatchResult> {
    return this.#thread.call('run', options)
  }

  /** Waits until the training under way has ended. */
  settle(): Promise<void> {
    return this.#thread.call('settle')
  }

  /** Ends the run or the wait under way, early and whole. */
  stop(): void {
    this.#thread.order('stop')
  }

  close(): Promise<void> {
    this.stop()
    return this.#thread.close()
  }
}
