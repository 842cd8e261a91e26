import { mix } from '../../core/columns/slice-table.ts'

/** One in about this many events is counted, which is enough for shares of thousands. */
export const EVERY = 4
const CELLS = 4096
/** Part of what was counted that one session may have. */
const SHARE = 0.02
const HANDFUL = 4

export interface RecentSnapshot {
  readonly counts: Float64Array
  readonly held: Uint16Array
  /** Events counted, and events seen. */
  readonly meta: readonly [total: number, seen: number]
}

/**
 * Counts over the events of lately: all of them are halved when a window is full, so that older events fade. A session
 * fills a small part of it at most, so that a flood is not taken for a change of the traffic. It depends on the events
 * and their order alone, not on where blocks begin.
 */
export class RecentCounts {
  readonly counts: Float64Array
  readonly #window: number
  readonly #held = new Uint16Array(CELLS)
  #total = 0
  #seen = 0

  /** `window` is in events. */
  constructor(size: number, window: number) {
    this.counts = new Float64Array(size)
    this.#window = Math.ceil(window / EVERY)
  }

  /** Events that the counts stand for. */
  get total(): number {
    return this.#total
  }

  /** An event passes; whether it is one of those to be counted. */
  due(): boolean {
    // By a hash of its number, because traffic has rhythms that every fourth event would be in step with.
    return mix(++this.#seen) % EVERY === 0
  }

  /** Whether an event of this session may be counted; it then is. */
  admit(session: number): boolean {
    const cell = mix(session) & (CELLS - 1)
    if (this.#held[cell] >= HANDFUL + SHARE * this.#total) return false
    this.#held[cell]++
    if (++this.#total >= this.#window) this.#fade()
    return true
  }

  #fade(): void {
    this.#total /= 2
    for (let i = 0; i < this.counts.length; i++) this.counts[i] /= 2
    for (let i = 0; i < CELLS; i++) this.#held[i] >>= 1
  }

  snapshot(): RecentSnapshot {
    return { counts: this.counts.slice(), held: this.#held.slice(), meta: [this.#total, this.#seen] }
  }

  restore({ counts, held, meta }: RecentSnapshot): void {
    if (counts.length !== this.counts.length) return
    this.counts.set(counts)
    this.#held.set(held)
    ;[this.#total, this.#seen] = meta
  }
}
