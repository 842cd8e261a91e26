import { own } from '../../../core/columns/block.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { deterministicId } from '../../../core/ids.ts'

/** A session. Places number its tokens: BOS is at place 0, the first template at place 1. */
export interface Session {
  readonly key: string
  /** Place of the next token. */
  next: number
  /** Template ids before `next`, the latest last; at least the latest `kept`. */
  readonly recent: number[]
  /** Highest score of its steps so far, nats; 0 if none was scored. */
  worst: number
  /** Log time of its last event, ms since the epoch; NaN if no event had one. */
  time: number
  /** Newest log time of the whole table at the last event of this session, ms since the epoch. */
  seen: number
}

export interface SessionTableLimits {
  /** Maximum number of open sessions. The one that was silent longest is dropped first. */
  readonly maxSessions: number
  /** A session ends after this silence in log time, ms. */
  readonly idleMs: number
  /** Latest templates kept of each session. */
  readonly kept: number
}

const FORMAT = 1
/** Longer keys are replaced by their digest, so that a hostile log cannot fill the memory. */
const MAX_KEY = 128

/**
 * The open sessions, least recently used first. Log time only moves forward: records of an older file, read beside a newer
 * one, neither end the newer sessions nor are ended by them.
 */
export class SessionTable {
  readonly #limits: SessionTableLimits
  readonly #sessions = new Map<string, Session>()
  #newest = Number.NEGATIVE_INFINITY

  constructor(limits: SessionTableLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Returns the session of an event, and the sessions that have ended by its time (ms since the epoch), oldest first. */
  touch(key: string, time: number): { readonly session: Session; readonly ended: readonly Session[] } {
    const name = key.length > MAX_KEY ? deterministicId(key) : key
    if (time > this.#newest) this.#advance(time)
    const ended = this.#expire()
    let session = this.#sessions.get(name)
    if (session !== undefined) {
      this.#sessions.delete(name)
      if (time - session.time > this.#limits.idleMs) {
        ended.push(session)
        session = undefined
      }
    }
    session ??= { key: own(name), next: 1, recent: [], worst: 0, time, seen: this.#newest }
    if (!Number.isNaN(time)) session.time = time
    session.seen = this.#newest
    this.#sessions.set(session.key, session)
    if (this.#sessions.size > this.#limits.maxSessions) this.#sessions.delete(this.#sessions.keys().next().value!)
    return { session, ended }
  }

  /** The open sessions, least recently used first. */
  sessions(): readonly Session[] {
    return [...this.#sessions.values()]
  }

  /** Drops all but the latest `kept` templates. */
  trim(session: Session): void {
    const surplus = session.recent.length - this.#limits.kept
    if (surplus > 0) session.recent.splice(0, surplus)
  }

  clear(): void {
    this.#sessions.clear()
    this.#newest = Number.NEGATIVE_INFINITY
  }

  snapshot(): Uint8Array {
    const sessions = [...this.#sessions.values()].map(({ key, next, recent, worst, time, seen }) => [
      key,
      next,
      worst,
      finite(time),
      finite(seen),
      recent.slice(-this.#limits.kept),
    ])
    return Buffer.from(JSON.stringify({ format: FORMAT, newest: finite(this.#newest), sessions }))
  }

  /** @throws OddlineError MODEL_INVALID if the snapshot cannot be read; the table is then empty */
  restore(snapshot: Uint8Array): void {
    this.clear()
    try {
      const { format, newest, sessions } = JSON.parse(Buffer.from(snapshot).toString('utf8'))
      if (format !== FORMAT) throw new Error(`its format is ${format}, not ${FORMAT}`)
      for (const [key, next, worst, time, seen, recent] of sessions) {
        if (
          typeof key !== 'string' ||
          !Number.isSafeInteger(next) ||
          !Number.isFinite(worst) ||
          !recent.every(Number.isSafeInteger)
        ) {
          throw new Error('a session in it is malformed')
        }
        const times = { time: time ?? Number.NaN, seen: seen ?? Number.NEGATIVE_INFINITY }
        this.#sessions.set(key, { key, next, recent, worst, ...times })
      }
      this.#newest = newest ?? Number.NEGATIVE_INFINITY
    } catch (error) {
      this.clear()
      throw new OddlineError(
        'MODEL_INVALID',
        `The saved sessions of the transformer cannot be read (${messageOf(error)}). ` +
          'Sessions start empty: their first events are judged without earlier context.',
        { cause: error },
      )
    }
  }

  #advance(time: number): void {
    // The silence of sessions without a time starts at the first known time.
    if (this.#newest === Number.NEGATIVE_INFINITY) for (const session of this.#sessions.values()) session.seen = time
    this.#newest = time
  }

  #expire(): Session[] {
    const ended: Session[] = []
    for (const session of this.#sessions.values()) {
      if (!(this.#newest - session.seen > this.#limits.idleMs)) break
      ended.push(session)
      this.#sessions.delete(session.key)
    }
    return ended
  }
}

/** JSON has neither NaN nor infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
