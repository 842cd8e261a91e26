import type { BatchResult } from '../../core/documents/batch.ts'
import type { EngineEvent } from '../../core/documents/engine-event.ts'
import { OddlineError } from '../../core/errors.ts'
import { ThreadClient, threadModule } from '../../threads/client.ts'
import type { EngineProtocol, EngineSettings } from './engine-protocol.ts'

/**
 * Blocks live in large buffers; a small nursery keeps the rest from growing into hundreds of megabytes. The other limit
 * is far above what is in use: with less than two gigabytes V8 sweeps the heap earlier.
 */
const MEMORY = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 }

/** The smallest window that a batch is tried with. */
const LEAST_WINDOW = 1 / 8

type OnEvent = (event: EngineEvent) => void

function startThread(settings: EngineSettings, onEvent: OnEvent): ThreadClient<EngineProtocol> {
  const module = threadModule(import.meta.url, 'engine-thread')
  return new ThreadClient({ name: 'batch', module, settings, limits: MEMORY, onEvent })
}

/**
 * The engine in the batch thread. If that thread or one of its own has died, the batch resumes from its last commit with
 * half the window, which is kept from then on: with the same window it would run out of memory at the same lines again.
 */
export class EngineClient {
  readonly #settings: EngineSettings
  readonly #onEvent: OnEvent
  #thread: ThreadClient<EngineProtocol>
  #window = 1
  #stopped = false

  private constructor(settings: EngineSettings, onEvent: OnEvent) {
    this.#settings = settings
    this.#onEvent = onEvent
    this.#thread = startThread(settings, onEvent)
  }

  /** Starts the thread and waits until state, rules and models are loaded. */
  static async open(settings: EngineSettings, onEvent: OnEvent): Promise<EngineClient> {
    const engine = new EngineClient(settings, onEvent)
    await engine.#thread.opened
    return engine
  }

  async run(options: { readonly dryRun: boolean }): Promise<BatchResult> {
    if (this.#thread.ended) this.#restart()
    for (;;) {
      try {
        return await this.#thread.call('run', options)
      } catch (error) {
        if (this.#stopped || this.#window <= LEAST_WINDOW || !isDeath(error)) throw error
        if (this.#window === 1) this.#onEvent({ type: 'batch_resumed', reason: error.message })
        this.#window /= 2
        await this.#thread.close().catch(() => {})
        this.#restart()
      }
    }
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

  #restart(): void {
    if (!this.#stopped) this.#thread = startThread({ ...this.#settings, window: this.#window }, this.#onEvent)
  }
}

/** The failed thread may be the batch thread or one that it started. */
function isDeath(error: unknown): error is OddlineError {
  return error instanceof OddlineError && error.code === 'THREAD_FAILED'
}
