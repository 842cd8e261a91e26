import type { SliceColumn } from '../../core/columns/block.ts'
import type { Ids } from '../../core/columns/dictionary.ts'
import { latest, secondsBetween } from '../log-time.ts'
import { Parties, type PartiesSnapshot } from '../parties.ts'
import { Fading } from '../whole-numbers.ts'

/** Clients remembered; the least recently seen one is forgotten first. */
const CAPACITY = 65_536
/** A burst fades to 1/e within a minute. */
const FADING = new Fading(60)
/** Seconds beyond which a silence is as any other: how much longer it was says how long the log is. */
const SILENCE = 3_600
/** Requests over which the shares of a session are averaged. */
const SPAN = 50
/** Bits of the sketch of endpoints that a session has asked for. */
const SKETCH_WORDS = 4

const COLUMNS = ['last', 'burst', 'seen', 'errors', 'novelty', 'night', 'gap', 'deviation']
const [LAST, BURST, SEEN, ERRORS, NOVELTY, NIGHT, GAP, DEVIATION] = COLUMNS.keys()

const HOUR = 3_600_000

/** What is remembered of each client of a web server. All time is the time of the events. */
export class HttpSessions {
  /** Requests of the last minute or so, with those longer ago counting less. */
  burst = 0
  /** Share of the client's recent requests that failed, were for an endpoint new to it, came at night. */
  errors = 0
  novelty = 0
  night = 0
  /** Seconds since the request before, and how evenly requests follow each other: 0 like clockwork, 1 and more at random. */
  gap = 0
  jitter = 0

  readonly #clients = new Parties(CAPACITY, COLUMNS, SKETCH_WORDS)

  /** Says which ids of clients are meant from here on. */
  follow(ids: Ids): void {
    this.#clients.follow(ids)
  }

  /** Takes in request `i` of a client, who has the number `id` or -1, and leaves what is known of it in the fields. */
  update(id: number, clients: SliceColumn, i: number, time: number, failed: boolean, endpoint: number): void {
    const known = this.#clients.find(id)
    const slot = known < 0 ? this.#clients.claim(id, clients.latin1(i)) : known
    const { state } = this.#clients
    const at = slot * COLUMNS.length
    const seen = ++state[at + SEEN]
    const last = state[at + LAST]
    const elapsed = secondsBetween(last, time)
    if (!Number.isNaN(time)) state[at + LAST] = latest(last, time)

    this.burst = state[at + BURST] = state[at + BURST] * FADING.after(elapsed) + 1
    const weight = 1 / Math.min(seen, SPAN)
    this.errors = state[at + ERRORS] += weight * ((failed ? 1 : 0) - state[at + ERRORS])
    this.novelty = state[at + NOVELTY] += weight * (this.#isNew(slot, endpoint) - state[at + NOVELTY])
    this.night = state[at + NIGHT] += weight * (isNight(time) - state[at + NIGHT])
    this.gap = time > last ? Math.min(elapsed, SILENCE) : 0
    if (seen > 1) {
      const step = 1 / Math.min(seen - 1, SPAN)
      const off = this.gap - state[at + GAP]
      state[at + GAP] += step * off
      state[at + DEVIATION] += step * (Math.abs(off) - state[at + DEVIATION])
    }
    this.jitter = seen < 4 ? 1 : state[at + DEVIATION] / (state[at + GAP] + 0.5)
  }

  /** 1 where the client has not asked for this endpoint before, as far as a sketch of bounded size can tell. */
  #isNew(slot: number, endpoint: number): number {
    const clients = this.#clients
    if (!clients.meet(slot, endpoint + 1)) return 0
    // A sketch that is half full starts anew, or a crawler would look tame after its first hundred pages.
    if (clients.met(slot) > SKETCH_WORDS * 16) {
      clients.forget(slot)
      clients.meet(slot, endpoint + 1)
    }
    return 1
  }

  snapshot(): PartiesSnapshot {
    return this.#clients.snapshot()
  }

  static restore(snapshot: { parties: readonly string[]; arrays: Record<string, ArrayLike<number>> }): HttpSessions {
    const sessions = new HttpSessions()
    sessions.#clients.restore(snapshot)
    return sessions
  }
}

/** 1 between 22:00 and 06:00 UTC. */
export function isNight(time: number): number {
  const hour = Math.floor(time / HOUR) % 24
  return hour >= 22 || hour < 6 ? 1 : 0
}
