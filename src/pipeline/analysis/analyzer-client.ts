import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type {
  Analysis,
  AnalysisRequest,
  Analyzer,
  AnalyzerState,
  DetectAnswer,
  DetectRequest,
} from '../../core/documents/analysis.ts'
import { OddlineError } from '../../core/errors.ts'
import type { AnalyzerReply, AnalyzerRequest, AnalyzerSettings } from './analyzer-protocol.ts'

/** Lines judged in one block: enough to spread the cost of a block, few enough to answer within milliseconds. */
const BLOCK_LINES = 1024
/** Lines that may wait; more are refused, so that a flood costs no memory and no patience. */
const MAX_WAITING_LINES = 20_000
const MAX_WAITING_FILES = 8
/** How long a state that was told counts as new, ms. */
const STATE_AGE_MS = 1000

type Pending = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void }
type Call =
  | { readonly type: 'detect'; readonly requests: readonly DetectRequest[] }
  | { readonly type: 'analyze'; readonly request: AnalysisRequest }
  | { readonly type: 'refresh' }

/** A thread and the calls that it has not answered. */
class AnalyzerThread {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly ready: Promise<void>
  #next = 1
  #dead: Error | undefined
  #closing = false

  constructor(settings: AnalyzerSettings) {
    this.#worker = new Worker(new URL(`./analyzer-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: settings,
    })
    this.ready = new Promise((resolve, reject) => this.#pending.set(0, { resolve: resolve as () => void, reject }))
    this.ready.catch(() => {})
    this.#worker.on('message', (reply: AnalyzerReply) => this.#receive(reply))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () =>
      this.#fail(
        this.#closing
          ? new OddlineError('STATE_BUSY', 'The program is about to end; ask again in a moment.')
          : new Error('The analysis thread has ended'),
      ),
    )
  }

  get dead(): boolean {
    return this.#dead !== undefined
  }

  call<T>(call: Call): Promise<T> {
    if (this.#dead) return Promise.reject(this.#dead)
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#worker.postMessage({ ...call, id } satisfies AnalyzerRequest)
    })
  }

  async close(): Promise<void> {
    if (this.#dead) return
    this.#closing = true
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage({ type: 'close' } satisfies AnalyzerRequest)
    await ended
  }

  #receive(reply: AnalyzerReply): void {
    const id = reply.type === 'ready' ? 0 : (reply.id ?? 0)
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (reply.type === 'failed') {
      const error = reply.code ? new OddlineError(reply.code, reply.message) : new Error(reply.message)
      if (reply.stack) error.stack = reply.stack
      pending?.reject(error)
      if (id === 0) void this.#worker.terminate()
    } else pending?.resolve((reply.type === 'done' ? reply.value : undefined) as never)
  }

  #fail(error: Error): void {
    this.#dead ??= error
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

interface Waiting {
  readonly request: DetectRequest
  readonly resolve: (answer: DetectAnswer) => void
  readonly reject: (error: Error) => void
}

/**
 * The analyzer from the main thread. Lines have a thread of their own, and so have files, so that neither a long file
 * nor a batch makes a line wait. While a block of lines is judged, the lines that arrive form the next one. A thread
 * that died is started anew by the next call.
 */
export class ThreadedAnalyzer implements Analyzer {
  readonly #settings: AnalyzerSettings
  #lines: AnalyzerThread
  #files: AnalyzerThread | undefined
  #waiting: Waiting[] = []
  #waitingLines = 0
  #busy = false
  #filesWaiting = 0
  #state: { readonly at: number; readonly value: Promise<AnalyzerState> } | undefined
  #judged = 0

  private constructor(settings: AnalyzerSettings) {
    this.#settings = settings
    this.#lines = new AnalyzerThread(settings)
  }

  /** @throws OddlineError RULE_INVALID, STATE_* */
  static async open({ logs, state, models, detection }: AnalyzerSettings): Promise<ThreadedAnalyzer> {
    const analyzer = new ThreadedAnalyzer({ logs, state, models, detection })
    await analyzer.#lines.ready
    return analyzer
  }

  get judged(): number {
    return this.#judged
  }

  detect(request: DetectRequest): Promise<DetectAnswer> {
    const count = request.lines.length
    if (this.#waitingLines + count > MAX_WAITING_LINES) return Promise.reject(tooMany('lines'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      this.#waitingLines += count
      if (!this.#busy) void this.#drain()
    })
  }

  async analyze(request: AnalysisRequest): Promise<Analysis> {
    if (this.#filesWaiting >= MAX_WAITING_FILES) throw tooMany('files')
    this.#filesWaiting++
    try {
      if (!this.#files || this.#files.dead) this.#files = new AnalyzerThread(this.#settings)
      return await this.#files.call<Analysis>({ type: 'analyze', request })
    } finally {
      this.#filesWaiting--
    }
  }

  refresh(): Promise<AnalyzerState> {
    const now = performance.now()
    if (!this.#state || now - this.#state.at > STATE_AGE_MS) {
      const value = this.#live().call<AnalyzerState>({ type: 'refresh' })
      value.catch(() => {
        this.#state = undefined
      })
      this.#state = { at: now, value }
    }
    return this.#state.value
  }

  async close(): Promise<void> {
    await Promise.all([this.#lines.close(), this.#files?.close()])
  }

  #live(): AnalyzerThread {
    if (this.#lines.dead) this.#lines = new AnalyzerThread(this.#settings)
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
        const answers = await this.#live().call<readonly DetectAnswer[]>({ type: 'detect', requests })
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

function tooMany(what: string): OddlineError {
  return new OddlineError('STATE_BUSY', `Too many ${what} wait to be analysed already; try again in a moment.`)
}
