import type { Ids } from '../../../core/columns/dictionary.ts'
import { LruTable } from '../../../core/columns/lru-table.ts'
import { deterministicId } from '../../../core/ids.ts'
import { pack, unpack } from '../../../core/pack.ts'
import { BOS, PAD } from '../vocabulary.ts'

export interface ClientSessionLimits {
  /** Keys known at most; one that was silent for long gives way, and its next event begins a session. */
  readonly maxSessions: number
  /** A session ends when it is silent for this long in log time, ms. */
  readonly idleMs: number
  /** Latest tokens kept of each session: what a window looks back to. */
  readonly kept: number
}

const KIND = 'open sessions'
const VERSION = 1
/** A longer key is kept as its digest, so that a hostile log cannot fill the memory with them. */
const MAX_KEY = 128

/**
 * The sessions of a log in columns, one slot for each key. Time is the log's own and only moves forward: a record from
 * the past (an older file read beside a newer one) does not end the sessions of the present, nor they its own.
 * Places count the tokens of a session: BOS is 0, its first template 1.
 */
export class ClientSessions {
  /** Whether the last `touch` began a session. */
  began = false
  readonly #limits: ClientSessionLimits
  readonly #keys: LruTable
  /** Place of the next token; 1 where the session has none. */
  readonly #next: Int32Array
  /** Log time of the last event, ms; NaN where no event had one. */
  readonly #time: Float64Array
  /** The newest log time that was known at the last touch, ms. */
  readonly #seen: Float64Array
  /** The token of a place, at the place modulo `kept`. */
  readonly #tokens: Uint16Array
  #first = Number.NEGATIVE_INFINITY
  #newest = Number.NEGATIVE_INFINITY

  constructor(limits: ClientSessionLimits) {
    const { maxSessions, kept } = limits
    this.#limits = limits
    this.#keys = new LruTable(maxSessions)
    this.#next = new Int32Array(maxSessions)
    this.#time = new Float64Array(maxSessions)
    this.#seen = new Float64Array(maxSessions)
    this.#tokens = new Uint16Array(maxSessions * kept)
  }

  get capacity(): number {
    return this.#limits.maxSessions
  }

  /** Says which ids `touch` is asked with from here on. */
  follow(ids: Ids): void {
    this.#keys.follow(ids)
  }

  /** The slot of the session that event `i` at `time` belongs to, by the number of its key, or -1, and the key itself. */
  touch(id: number, keyOf: (i: number) => string, i: number, time: number): number {
    const known = this.#keys.touchId(id)
    const slot = known < 0 ? this.#claim(id, keyOf(i)) : known
    if (time > this.#newest) {
      if (this.#first === Number.NEGATIVE_INFINITY) this.#first = time
      this.#newest = time
    }
    this.began = this.#keys.fresh || this.#isOver(slot) || time - this.#time[slot] > this.#limits.idleMs
    if (this.began) this.#next[slot] = 1
    if (this.began || !Number.isNaN(time)) this.#time[slot] = time
    this.#seen[slot] = this.#newest
    return slot
  }

  #claim(id: number, key: string): number {
    return key.length > MAX_KEY ? this.#keys.claim(deterministicId(key)) : this.#keys.claimId(id, key)
  }

  /** Place of the next token of a slot's session. */
  next(slot: number): number {
    return this.#next[slot]
  }

  /** Adds a token to a slot's session; `place` is the next one. */
  push(slot: number, place: number, token: number): void {
    const { kept } = this.#limits
    this.#tokens[slot * kept + (place % kept)] = token
    this.#next[slot] = place + 1
  }

  /** The token at a place before the next one, PAD where it was not kept. */
  token(slot: number, place: number): number {
    const { kept } = this.#limits
    if (place === 0) return BOS
    return this.#next[slot] - place > kept ? PAD : this.#tokens[slot * kept + (place % kept)]
  }

  /** Of sessions that are over, nothing but the key is kept. */
  snapshot(): Uint8Array {
    const slots = this.#keys.slots()
    const next = slots.map((slot) => (this.#isOver(slot) ? 1 : this.#next[slot]))
    const tokens = new Uint16Array(next.reduce((sum, one) => sum + this.#held(one), 0))
    let at = 0
    slots.forEach((slot, i) => {
      for (let place = next[i] - this.#held(next[i]); place < next[i]; place++) tokens[at++] = this.token(slot, place)
    })
    return pack(KIND, VERSION, {
      meta: { keys: Array.from(slots, (slot) => this.#keys.text(slot)), kept: this.#limits.kept },
      arrays: {
        next,
        tokens,
        used: this.#keys.used(),
        time: gathered(this.#time, slots),
        seen: gathered(this.#seen, slots),
        clock: Float64Array.of(this.#first, this.#newest),
      },
    })
  }

  /**
   * `vocabulary`: of the model that they are for.
   * @throws Error where the snapshot cannot be read, or is not of such a model
   */
  static restore(limits: ClientSessionLimits, snapshot: Uint8Array, vocabulary: number): ClientSessions {
    const { meta, arrays } = unpack(KIND, VERSION, snapshot)
    if (meta.kept !== limits.kept || arrays.tokens.some((token) => token >= vocabulary))
      throw new Error('they are those of another model')
    const sessions = new ClientSessions(limits)
    sessions.#keys.restore(meta.keys as string[], arrays.used)
    sessions.#time.set(arrays.time)
    sessions.#seen.set(arrays.seen)
    ;[sessions.#first, sessions.#newest] = arrays.clock
    let at = 0
    arrays.next.forEach((next, slot) => {
      sessions.#next[slot] = 1
      for (let place = next - sessions.#held(next); place < next; place++)
        sessions.push(slot, place, arrays.tokens[at++])
      sessions.#next[slot] = next
    })
    return sessions
  }

  /** Whether the log has moved on since. Sessions from before any time was known have been silent since the first one. */
  #isOver(slot: number): boolean {
    return this.#newest - Math.max(this.#seen[slot], this.#first) > this.#limits.idleMs
  }

  /** How many tokens are kept of a session whose next place is `next`. */
  #held(next: number): number {
    return Math.min(next - 1, this.#limits.kept)
  }
}

function gathered(values: Float64Array, slots: Int32Array): Float64Array {
  const result = new Float64Array(slots.length)
  for (let i = 0; i < slots.length; i++) result[i] = values[slots[i]]
  return result
}
