import { Problem } from './problem.ts'

const WRONG_PER_MINUTE = 20
const WINDOW_MS = 60_000
/** Addresses that are remembered; the oldest gives way. */
const MAX_ADDRESSES = 10_000

interface Tries {
  wrong: number
  until: number
  /** Keys that were right from this address. */
  readonly proven: Set<string>
}

/**
 * Limits how often an address may try keys. Beyond the limit even a right key is refused, so that guesses learn nothing,
 * unless it was right from there before: nobody locks out those who share an address.
 */
export class WrongKeys {
  readonly #now: () => number
  readonly #tries = new Map<string, Tries>()

  /** @param now monotonic, ms */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @throws Problem RATE_LIMITED */
  right(address: string, key: string): void {
    const tries = this.#of(address)
    if (tries.proven.has(key)) return
    this.#refuseBeyond(tries)
    tries.proven.add(key)
  }

  /** @throws Problem RATE_LIMITED */
  wrong(address: string): void {
    const tries = this.#of(address)
    this.#refuseBeyond(tries)
    if (tries.wrong === 0) tries.until = this.#now() + WINDOW_MS
    tries.wrong++
  }

  #of(address: string): Tries {
    let tries = this.#tries.get(address)
    if (!tries) {
      tries = { wrong: 0, until: 0, proven: new Set() }
      const [oldest] = this.#tries.size >= MAX_ADDRESSES ? this.#tries.keys() : []
      if (oldest !== undefined) this.#tries.delete(oldest)
      this.#tries.set(address, tries)
    }
    if (this.#now() >= tries.until) tries.wrong = 0
    return tries
  }

  #refuseBeyond({ wrong, until }: Tries): void {
    if (wrong < WRONG_PER_MINUTE) return
    throw new Problem('RATE_LIMITED', 'Too many wrong keys came from this address.', {
      retryAfter: (until - this.#now()) / 1000,
    })
  }
}
