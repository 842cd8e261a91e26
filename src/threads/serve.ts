import { setImmediate } from 'node:timers/promises'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { toPortableError } from './portable-error.ts'
import { type Call, OPENED, type Reply, type Request, type ThreadProtocol } from './protocol.ts'

/** An answer whose memory moves to the caller instead of being copied. */
export class Moved<T> {
  readonly value: T
  readonly memory: readonly ArrayBuffer[]

  constructor(value: T, memory: readonly ArrayBuffer[]) {
    this.value = value
    this.memory = memory
  }
}

type Answer<T> = T | Moved<T> | Promise<T | Moved<T>>

/** The inside of a thread: what it does when it is called. */
export interface Service<P extends ThreadProtocol> {
  readonly calls: {
    readonly [K in keyof P['calls']]: (...args: Parameters<P['calls'][K]>) => Answer<ReturnType<P['calls'][K]>>
  }
  readonly orders: P['orders']
  /** A call that overtakes those that wait. */
  readonly urgent?: keyof P['calls'] & string
  /** Closes everything that the thread holds. The thread ends right after. */
  close(): void | Promise<void>
}

export type Open<P extends ThreadProtocol> = (
  settings: P['settings'],
  report: (event: P['event']) => void,
) => Service<P> | Promise<Service<P>>

/**
 * Runs a service in this thread until its client closes it. Messages that arrive while it opens wait.
 * The thread ends by closing its port, after everything in it is closed: terminating it would kill the process while
 * the runtime computes or a database is open.
 */
export function serve<P extends ThreadProtocol>(open: Open<P>): void {
  if (!parentPort) throw new Error('This module runs in a thread only.')
  void new Server<P>(parentPort).run(open)
}

class Server<P extends ThreadProtocol> {
  readonly #port: MessagePort
  readonly #waiting: Exclude<Request, { kind: 'order' }>[] = []
  readonly #early: (() => void)[] = []
  #service: Service<P> | undefined
  #busy = true

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', (request: Request) => this.#receive(request))
  }

  async run(open: Open<P>): Promise<void> {
    try {
      this.#service = await open(workerData, (event) => this.#post({ kind: 'event', event }))
    } catch (error) {
      this.#post({ kind: 'failed', id: OPENED, error: toPortableError(error) })
      this.#port.close()
      return
    }
    this.#post({ kind: 'answer', id: OPENED, value: undefined })
    for (const apply of this.#early) apply()
    await this.#work(this.#service)
  }

  #receive(request: Request): void {
    if (request.kind === 'order') {
      const apply = () => this.#service?.orders[request.name](...(request.args as never[]))
      if (this.#service) apply()
      else this.#early.push(apply)
      return
    }
    this.#waiting.push(request)
    if (!this.#busy && this.#service) void this.#work(this.#service)
  }

  async #work(service: Service<P>): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      const urgent = this.#waiting.findIndex((one) => one.kind === 'call' && one.name === service.urgent)
      const [request] = this.#waiting.splice(Math.max(0, urgent), 1)
      if (request.kind === 'close') return await this.#close(service, request.id)
      await this.#answer(service, request)
      // Orders and urgent calls that arrived meanwhile come before the next call.
      await setImmediate()
    }
    this.#busy = false
  }

  async #answer({ calls }: Service<P>, { id, name, args }: Call): Promise<void> {
    try {
      const answer = await calls[name](...(args as never))
      if (answer instanceof Moved) this.#post({ kind: 'answer', id, value: answer.value }, answer.memory)
      else this.#post({ kind: 'answer', id, value: answer })
    } catch (error) {
      this.#post({ kind: 'failed', id, error: toPortableError(error) })
    }
  }

  async #close(service: Service<P>, id: number): Promise<void> {
    try {
      await service.close()
      this.#post({ kind: 'answer', id, value: undefined })
    } catch (error) {
      this.#post({ kind: 'failed', id, error: toPortableError(error) })
    }
    this.#port.close()
  }

  #post(reply: Reply, memory: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(reply, memory)
  }
}
