import type { BatchResult } from '../../core/documents/batch.ts'
import type { EngineEvent } from '../../core/documents/engine-event.ts'
import { ThreadClient, threadModule } from '../../threads/client.ts'
import type { EngineProtocol, EngineSettings } from './engine-protocol.ts'

/**
 * Blocks live in large buffers; a small nursery keeps the rest from growing into hundreds of megabytes. The other limit
 * is far above what is in use: with less than two gigabytes V8 sweeps the heap earlier.
 */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1024 }

type OnEvent = (event: EngineEvent) => void

function startThread(settings: EngineSettings, onEvent: OnEvent): ThreadClient<EngineProtocol> {
  const module = threadModule(import.meta.url, 'engine-thread')
  return new ThreadClient({ name: 'batch', module, settings, limits: MEMORY, onEvent })
}

/** The engine in the batch thread. If the thread has died, the next batch starts it again. */
export class EngineClient {
  readonly #start: () => ThreadClient<EngineProtocol>
  #thread: ThreadClient<EngineProtocol>
  #stopped = false

  private constructor(settings: EngineSettings, onEvent: OnEvent) {
    this.#start = () => startThread(settings, onEvent)
    this.#thread = this.#start()
  }

  /** Starts the thread and waits until state, rules and models are loaded. */
  static async open(settings: EngineSettings, onEvent: OnEvent): Promise<EngineClient> {
    const engine = new EngineClient(settings, onEvent)
    await engine.#thread.opened
    return engine
  }

  run(options: { readonly dryRun: boolean }): Promise<BatchResult> {
    if (this.#thread.ended && !this.#stopped) this.#thread = this.#start()
    return this.#thread.call('run', options)
  }

  /** Waits until the training under way has ended. */
  settle(): Promise<void> {
    return this.#thread.call('settle')
  }

  /** Ends the run or the wait under way, early and whole. There is no other run after this. */
  stop(): void {
    this.#stopped = true
    this.#thread.order('stop')
  }

  close(): Promise<void> {
    this.stop()
    return this.#thread.close()
  }
}
