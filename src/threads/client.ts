import { extname } from 'node:path'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { messageOf, OddlineError } from '../core/errors.ts'
import { fromPortableError } from './portable-error.ts'
import { OPENED, type Reply, type Request, type ThreadProtocol } from './protocol.ts'

export interface ThreadOptions<P extends ThreadProtocol> {
  /** What messages call it, such as `batch`. */
  readonly name: string
  /** Module that calls `serve`; see `threadModule`. */
  readonly module: URL
  readonly settings: P['settings']
  readonly limits?: ResourceLimits
  onEvent?(event: P['event']): void
}

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/** A module beside the one whose `import.meta.url` is given: sources start sources, the build starts the build. */
export function threadModule(beside: string, name: string): URL {
  return new URL(`./${name}${extname(beside)}`, beside)
}

/**
 * A thread from the outside. Every call ends: with the answer, with the error that was thrown in the thread, or, when
 * the thread dies, with an OddlineError THREAD_FAILED.
 */
export class ThreadClient<P extends ThreadProtocol> {
  /** Rejects with what the opening threw. */
  readonly opened: Promise<void>
  readonly #name: string
  readonly #worker: Worker
  readonly #exit: Promise<void>
  readonly #pending = new Map<number, Pending>()
  #next = OPENED
  /** Why no more calls are possible. */
  #ended: Error | undefined
  #closing: Promise<void> | undefined

  constructor({ name, module, settings, limits, onEvent }: ThreadOptions<P>) {
    this.#name = name
    this.#worker = new Worker(module, { workerData: settings, resourceLimits: limits })
    this.#worker.on('message', (reply: Reply) => {
      if (reply.kind === 'event') onEvent?.(reply.event)
      else this.#settle(reply)
    })
    this.#worker.on('messageerror', (error) => this.#end(this.#failure(error)))
    this.#worker.on('error', (error) => this.#end(this.#failure(error)))
    this.#exit = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        const asked = this.#closing !== undefined && this.#pending.size === 0
        this.#end(asked ? this.#closed() : this.#failure(`it left with code ${code}`))
        resolve()
      })
    })
    this.opened = this.#answerTo(this.#next++)
    // A caller that does not await `opened` gets the same error from its first call.
    this.opened.catch((error) => this.#end(error))
  }

  /** Whether the thread can no longer be called. */
  get ended(): boolean {
    return this.#ended !== undefined || this.#closing !== undefined
  }

  call<K extends keyof P['calls'] & string>(
    name: K,
    ...args: Parameters<P['calls'][K]>
  ): Promise<Awaited<ReturnType<P['calls'][K]>>> {
    return this.#request((id) => ({ kind: 'call', id, name, args }))
  }

  /** Has no effect on a thread that has ended. */
  order<K extends keyof P['orders'] & string>(name: K, ...args: Parameters<P['orders'][K]>): void {
    if (!this.#ended) this.#worker.postMessage({ kind: 'order', name, args } satisfies Request)
  }

  /**
   * Answers the calls made so far, closes what the thread holds, and waits until the thread has ended. Rejects with what
   * the closing threw.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#ended) return this.#exit
    const [closed] = await Promise.allSettled([this.#request((id) => ({ kind: 'close', id })), this.#exit])
    if (closed.status === 'rejected') throw closed.reason
  }

  #request<T>(request: (id: number) => Request): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended)
    if (this.#closing) return Promise.reject(this.#closed())
    const id = this.#next++
    const answer = this.#answerTo<T>(id)
    try {
      this.#worker.postMessage(request(id))
    } catch (error) {
      this.#take(id)?.reject(error as Error)
    }
    return answer
  }

  #answerTo<T>(id: number): Promise<T> {
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
  }

  #settle(reply: Exclude<Reply, { kind: 'event' }>): void {
    const pending = this.#take(reply.id)
    if (reply.kind === 'answer') pending?.resolve(reply.value as never)
    else pending?.reject(fromPortableError(reply.error))
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#pending.values()) reject(this.#ended)
    this.#pending.clear()
  }

  #failure(cause: unknown): OddlineError {
    return new OddlineError(
      'THREAD_FAILED',
      `The ${this.#name} thread has failed: ${messageOf(cause)}. Nothing that was committed is lost; try again.`,
      { cause },
    )
  }

  #closed(): OddlineError {
    return new OddlineError('STATE_BUSY', `The ${this.#name} thread is about to end; ask again in a moment.`)
  }
}
