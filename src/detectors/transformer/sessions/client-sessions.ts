import type { Ids } from '../../../core/columns/dictionary.ts'
import { LruTable } from '../../../core/columns/lru-table.ts'
import { pack, unpack } from '../../../core/pack.ts'
import { BOS, PAD } from '../vocabulary.ts'

export interface ClientSessionLimits {
  /** Maximum number of keys. A key that was silent for long is dropped; its next event begins a new session. */
  readonly maxSessions: number
  /** A session ends after this silence in log time, ms. */
  readonly idleMs: number
  /** Latest tokens kept of each session, the context of the model. */
  readonly kept: number
}

const KIND = 'open sessions'
const VERSION = 1
/**
 * The open sessions of one log format in columns, with one slot per key (client or user). Log time only moves forward:
 * records of an older file, read beside a newer one, neither end the newer sessions nor are ended by them. Places number
 * the tokens of a session: BOS is at place 0, the first template at place 1.
 */
export class ClientSessions {
  /** Whether the last `touch` began a new session. */
  began = false
  readonly #limits: ClientSessionLimits
  readonly #keys: LruTable
  /** Place of the next token; 1 if the session has none yet. */
  readonly #next: Int32Array
  /** Log time of the last event, ms since the epoch; NaN if no event had one. */
  readonly #time: Float64Array
  /** Newest log time of the whole log at the last event of the session, ms since the epoch. */
  readonly #seen: Float64Array
  /** Ring buffer of tokens per slot: a token is at its place modulo `kept`. */
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

  /** Sets the id column that later calls of `touch` refer to. */
  follow(ids: Ids): void {
    this.#keys.follow(ids)
  }

  /**
   * Returns the slot of an event's session.
   * @param id dictionary id of the key, or -1 if unknown
   * @param keyOf gives the key of event `i`
   * @param time log time, ms since the epoch; NaN if unknown
   */
  touch(id: number, keyOf: (i: number) => string, i: number, time: number): number {
    const known = this.#keys.touchId(id)
    const slot = known < 0 ? this.#keys.claimId(id, keyOf(i)) : known
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

  /** Place of the next token of a slot's session. */
  next(slot: number): number {
    return this.#next[slot]
  }

  /** Appends a token to the session of a slot. `place`: what `next` returned. */
  push(slot: number, place: number, token: number): void {
    const { kept } = this.#limits
    this.#tokens[slot * kept + (place % kept)] = token
    this.#next[slot] = place + 1
  }

  /** The token at an earlier place; PAD if it is no longer kept. */
  token(slot: number, place: number): number {
    const { kept } = this.#limits
    if (place === 0) return BOS
    return this.#next[slot] - place > kept ? PAD : this.#tokens[slot * kept + (place % kept)]
  }

  /** For sessions that have ended, only the key is saved. */
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
   * @param vocabulary number of tokens of the model
   * @throws Error if the snapshot cannot be read or belongs to another model
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

  /** Whether a session has ended. The silence of sessions without a time starts at the first known time. */
  #isOver(slot: number): boolean {
    return this.#newest - Math.max(this.#seen[slot], this.#first) > this.#limits.idleMs
  }

  /** Number of tokens kept of a session with this next place. */
  #held(next: number): number {
    return Math.min(next - 1, this.#limits.kept)
  }
}

function gathered(values: Float64Array, slots: Int32Array): Float64Array {
  const result = new Float64Array(slots.length)
  for (let i = 0; i < slots.length; i++) result[i] = values[slots[i]]
  return result
}
