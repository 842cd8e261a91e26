import type { Analysis, AnalysisRequest } from '../../core/documents/analysis.ts'
import { OddlineError } from '../../core/errors.ts'
import type { ThreadClient } from '../../threads/client.ts'
import type { AnalyzerProtocol } from './analyzer-protocol.ts'

type Thread = ThreadClient<AnalyzerProtocol>

/** Analyses that may wait beside those that run. */
const MAX_WAITING = 16

interface Job {
  readonly request: AnalysisRequest
  readonly resolve: (analysis: Analysis) => void
  readonly reject: (error: Error) => void
  /** Tells the thread to stop; absent while the analysis waits. */
  cancel?: () => void
}

/** Analyses of files and texts: each in a thread of its own, some at once, the others in a bounded queue. */
export class AnalysisThreads {
  readonly #start: () => Thread
  readonly #atOnce: number
  readonly #threads = new Set<Thread>()
  readonly #idle: Thread[] = []
  readonly #waiting: Job[] = []
  readonly #running = new Set<Job>()
  #started = 0
  #closed = false

  constructor(start: () => Thread, atOnce: number) {
    this.#start = start
    this.#atOnce = atOnce
  }

  /**
   * Rejects with the reason of the signal as soon as it aborts; the place is free once the thread has stopped.
   * @throws OddlineError STATE_BUSY if too many wait
   */
  async analyze(request: AnalysisRequest, signal?: AbortSignal): Promise<Analysis> {
    signal?.throwIfAborted()
    if (this.#closed) throw closing()
    if (this.#running.size >= this.#atOnce && this.#waiting.length >= MAX_WAITING) throw tooMany()
    const { promise, resolve, reject } = withResolvers<Analysis>()
    const job: Job = { request, resolve, reject }
    const giveUp = () => this.#giveUp(job, signal?.reason)
    signal?.addEventListener('abort', giveUp)
    this.#waiting.push(job)
    this.#next()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** Ends the analyses under way. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of [...this.#waiting, ...this.#running]) this.#giveUp(job, closing())
    await Promise.all([...this.#threads].map((thread) => thread.close()))
  }

  #giveUp(job: Job, reason: Error): void {
    const place = this.#waiting.indexOf(job)
    if (place >= 0) this.#waiting.splice(place, 1)
    job.cancel?.()
    job.reject(reason)
  }

  #next(): void {
    while (this.#running.size < this.#atOnce) {
      const job = this.#waiting.shift()
      if (!job) return
      this.#running.add(job)
      void this.#run(job)
    }
  }

  async #run(job: Job): Promise<void> {
    const thread = this.#free()
    const id = ++this.#started
    job.cancel = () => thread.order('cancel', id)
    try {
      job.resolve(await thread.call('analyze', job.request, id))
    } catch (error) {
      job.reject(error as Error)
    }
    this.#running.delete(job)
    if (thread.ended) this.#threads.delete(thread)
    else this.#idle.push(thread)
    this.#next()
  }

  #free(): Thread {
    for (let thread = this.#idle.pop(); thread; thread = this.#idle.pop()) {
      if (!thread.ended) return thread
      this.#threads.delete(thread)
    }
    const thread = this.#start()
    this.#threads.add(thread)
    return thread
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((...settle) => {
    ;[resolve, reject] = settle
  })
  return { promise, resolve, reject }
}

function closing(): OddlineError {
  return new OddlineError('STATE_BUSY', 'The program is about to end; ask again in a moment.')
}

function tooMany(): OddlineError {
  return new OddlineError('STATE_BUSY', 'Too many files already wait for analysis; try again in a moment.')
}
