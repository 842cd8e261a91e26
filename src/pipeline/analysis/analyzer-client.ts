import type { Config } from '../../config/schema.ts'
import type {
  Analysis,
  AnalysisRequest,
  Analyzer,
  AnalyzerState,
  DetectAnswer,
  DetectRequest,
} from '../../core/documents/analysis.ts'
import { OddlineError } from '../../core/errors.ts'
import { ThreadClient, threadModule } from '../../threads/client.ts'
import { AnalysisThreads } from './analysis-threads.ts'
import type { AnalyzerProtocol, AnalyzerSettings } from './analyzer-protocol.ts'

/** Lines in one block: enough to spread the cost of a block, few enough to answer within milliseconds. */
const BLOCK_LINES = 1024
/** Lines that may wait. More are refused, so that memory and waiting time stay bounded. */
const MAX_WAITING_LINES = 20_000
/** How long an answer of `refresh` is used again, ms. */
const STATE_AGE_MS = 1000

type Thread = ThreadClient<AnalyzerProtocol>
/** Only `AnalyzerSettings` cross to the threads. */
type Settings = AnalyzerSettings & { readonly api: Pick<Config['api'], 'analyses_at_once'> }

function startThread(settings: AnalyzerSettings): Thread {
  return new ThreadClient({ name: 'analysis', module: threadModule(import.meta.url, 'analyzer-thread'), settings })
}

interface Waiting {
  readonly request: DetectRequest
  readonly resolve: (answer: DetectAnswer) => void
  readonly reject: (error: Error) => void
}

/**
 * The analyzer in its threads: one for lines and some for files, so that lines wait neither for a long file nor for a
 * batch. Lines that arrive while a block is judged form the next block. The next call restarts a thread that has died.
 */
export class ThreadedAnalyzer implements Analyzer {
  readonly #settings: AnalyzerSettings
  readonly #files: AnalysisThreads
  #lines: Thread
  #waiting: Waiting[] = []
  #waitingLines = 0
  #busy = false
  #state: { readonly at: number; readonly value: Promise<AnalyzerState> } | undefined
  #judged = 0
  #closed = false

  private constructor(settings: AnalyzerSettings, filesAtOnce: number) {
    this.#settings = settings
    this.#files = new AnalysisThreads(() => startThread(settings), filesAtOnce)
    this.#lines = startThread(settings)
  }

  /** @throws OddlineError RULE_INVALID, STATE_* */
  static async open({ logs, state, models, detection, api }: Settings): Promise<ThreadedAnalyzer> {
    const analyzer = new ThreadedAnalyzer({ logs, state, models, detection }, api.analyses_at_once)
    await analyzer.#lines.opened
    return analyzer
  }

  get judged(): number {
    return this.#judged
  }

  detect(request: DetectRequest): Promise<DetectAnswer> {
    const count = request.lines.length
    if (this.#waitingLines + count > MAX_WAITING_LINES) return Promise.reject(tooMany())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      this.#waitingLines += count
      if (!this.#busy) void this.#drain()
    })
  }

  analyze(request: AnalysisRequest, signal?: AbortSignal): Promise<Analysis> {
    return this.#files.analyze(request, signal)
  }

  refresh(): Promise<AnalyzerState> {
    const now = performance.now()
    if (!this.#state || now - this.#state.at > STATE_AGE_MS) {
      const value = this.#live().call('refresh')
      value.catch(() => {
        this.#state = undefined
      })
      this.#state = { at: now, value }
    }
    return this.#state.value
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([this.#lines.close(), this.#files.close()])
  }

  #live(): Thread {
    if (this.#lines.ended && !this.#closed) this.#lines = startThread(this.#settings)
    return this.#lines
  }

  async #drain(): Promise<void> {
    this.#busy = true
    // Requests that arrive in this turn of the event loop join the first block.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const block = this.#take()
      try {
        const requests = block.map(({ request }) => request)
        const answers = await this.#live().call('detect', requests)
        block.forEach(({ request, resolve }, i) => {
          this.#judged += request.lines.length
          resolve(answers[i])
        })
      } catch (error) {
        for (const one of block) one.reject(error as Error)
      }
    }
    this.#busy = false
  }

  #take(): Waiting[] {
    let count = 0
    let lines = 0
    while (
      count < this.#waiting.length &&
      (lines === 0 || lines + this.#waiting[count].request.lines.length <= BLOCK_LINES)
    ) {
      lines += this.#waiting[count++].request.lines.length
    }
    this.#waitingLines -= lines
    return this.#waiting.splice(0, count)
  }
}

function tooMany(): OddlineError {
  return new OddlineError('STATE_BUSY', 'Too many lines already wait for analysis; try again in a moment.')
}
