import { mix } from '../../core/columns/slice-table.ts'

/** About one in this many events is counted. */
export const EVERY = 4
/** Sessions are told apart by a hash of this many values. */
const CELLS = 4096
/** One session may contribute this share of the counts, plus a few events. */
const SHARE = 0.02
const HANDFUL = 4

export interface RecentSnapshot {
  readonly counts: Float64Array
  readonly held: Uint16Array
  /** Events counted and events seen. */
  readonly meta: readonly [total: number, seen: number]
}

/**
 * Counts over recent events. When a window is full, all counts are halved, so old events fade. The share of one session
 * is limited, so a flood does not look like drift. The counts depend on the events and their order alone.
 */
export class RecentCounts {
  readonly counts: Float64Array
  readonly #window: number
  readonly #held = new Uint16Array(CELLS)
  #total = 0
  #seen = 0

  /** `size`: number of counters; `window`: events seen until the counts are halved. */
  constructor(size: number, window: number) {
    this.counts = new Float64Array(size)
    this.#window = Math.ceil(window / EVERY)
  }

  /** Number of events that the counts stand for, after fading. */
  get total(): number {
    return this.#total
  }

  /** Registers an event and returns whether it is in the sample. */
  due(): boolean {
    // Sample by a hash of the event's number: every fourth event could be in step with a rhythm of the traffic.
    return mix(++this.#seen) % EVERY === 0
  }

  /** Counts an event of this session (given by a hash), or returns false if the session has used up its share. */
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

  /** Ignores a snapshot of another size. */
  restore({ counts, held, meta }: RecentSnapshot): void {
    if (counts.length !== this.counts.length) return
    this.counts.set(counts)
    this.#held.set(held)
    ;[this.#total, this.#seen] = meta
  }
}
