import { createHash } from 'node:crypto'
import type { Notifier, Sink } from '../sink/sink.ts'

/**
 * Constructs a sink anew when a file that its settings name has changed: a rotated secret or certificate needs no
 * restart. Only a hash of the contents is kept.
 */
export class Renewal<Endpoint extends Sink | Notifier> {
  readonly #create: () => Endpoint
  readonly #files: readonly string[]
  readonly #readFile: (path: string) => string
  #seen: string
  #current: Endpoint

  constructor(create: () => Endpoint, files: readonly string[], readFile: (path: string) => string) {
    this.#create = create
    this.#files = files
    this.#readFile = readFile
    this.#seen = this.#contents()
    this.#current = create()
  }

  /** Whether the files have changed since the sink was constructed. */
  readonly due = (): boolean => this.#files.length > 0 && this.#contents() !== this.#seen

  /** The sink with the present secrets. While a file cannot be used, such as one half written, the former sink stays. */
  async fresh(): Promise<Endpoint> {
    if (!this.due()) return this.#current
    this.#seen = this.#contents()
    const former = this.#current
    try {
      this.#current = this.#create()
    } catch {
      return former
    }
    await former.close?.()
    return this.#current
  }

  /** The sink of the last call, to close it. */
  get current(): Endpoint {
    return this.#current
  }

  #contents(): string {
    const hash = createHash('sha256')
    for (const path of this.#files) hash.update(`${this.#read(path)}\0`)
    return hash.digest('hex')
  }

  #read(path: string): string {
    try {
      return this.#readFile(path)
    } catch {
      return ''
    }
  }
}

export function renewingSink(renewal: Renewal<Sink>): Sink {
  return {
    ...endpoint(renewal),
    deliver: async (batch, signal) => {
      const outcome = await (await renewal.fresh()).deliver(batch, signal)
      const refused = outcome.kind === 'retry' && outcome.reason === 'unauthorized'
      return refused && renewal.due() ? await (await renewal.fresh()).deliver(batch, signal) : outcome
    },
  }
}

export function renewingNotifier(renewal: Renewal<Notifier>): Notifier {
  return {
    ...endpoint(renewal),
    notify: async (notice, signal) => {
      const outcome = await (await renewal.fresh()).notify(notice, signal)
      const refused = outcome.kind === 'retry' && outcome.reason === 'unauthorized'
      return refused && renewal.due() ? await (await renewal.fresh()).notify(notice, signal) : outcome
    },
  }
}

function endpoint(renewal: Renewal<Sink> | Renewal<Notifier>): Pick<Sink, 'check' | 'setup' | 'close'> {
  const { check, setup, close } = renewal.current
  return {
    check: check && (async (signal) => await (await renewal.fresh()).check?.(signal)),
    setup: setup && (async (signal) => (await (await renewal.fresh()).setup?.(signal)) ?? []),
    close: close && (async () => await renewal.current.close?.()),
  }
}
