import type { SliceColumn } from '../../core/columns/block.ts'
import type { Ids } from '../../core/columns/dictionary.ts'
import { latest, secondsBetween } from '../log-time.ts'
import { Parties, type PartiesSnapshot } from '../parties.ts'
import { Decay } from '../whole-numbers.ts'

/** Number of clients kept; approximately the least recently seen one is evicted first. */
const CAPACITY = 65_536
/** A burst decays to 1/e in a minute. */
const BURST_DECAY = new Decay(60)
/** Longest gap in seconds: longer ones depend on the length of the log. */
const MAX_GAP = 3_600
/** Number of requests over which shares are averaged. */
const SPAN = 50
/** Words (32 bits each) of the sketch of endpoints requested in a session. */
const SKETCH_WORDS = 4

const COLUMNS = ['last', 'burst', 'seen', 'errors', 'novelty', 'night', 'gap', 'deviation']
const [LAST, BURST, SEEN, ERRORS, NOVELTY, NIGHT, GAP, DEVIATION] = COLUMNS.keys()

const HOUR = 3_600_000

/** Recent behaviour of each client of a web server. All times are log times. */
export class HttpSessions {
  /** Requests in about the last minute, weighted by age. */
  burst = 0
  /** Shares of the client's recent requests that failed, went to an endpoint new to the client, or came at night. */
  errors = 0
  novelty = 0
  night = 0
  /** Seconds since the previous request, and irregularity of the gaps: 0 is perfectly regular, 1 and more is random. */
  gap = 0
  jitter = 0

  readonly #clients = new Parties(CAPACITY, COLUMNS, SKETCH_WORDS)

  /** Selects the client ids that `update` refers to. */
  follow(ids: Ids): void {
    this.#clients.follow(ids)
  }

  /** Updates the client of request `i` and sets the fields to its values. `id` is the client's text number, or -1. */
  update(id: number, clients: SliceColumn, i: number, time: number, failed: boolean, endpoint: number): void {
    const known = this.#clients.find(id)
    const slot = known < 0 ? this.#clients.claim(id, clients.latin1(i)) : known
    const { state } = this.#clients
    const at = slot * COLUMNS.length
    const seen = ++state[at + SEEN]
    const last = state[at + LAST]
    const elapsed = secondsBetween(last, time)
    if (!Number.isNaN(time)) state[at + LAST] = latest(last, time)

    this.burst = state[at + BURST] = state[at + BURST] * BURST_DECAY.after(elapsed) + 1
    const weight = 1 / Math.min(seen, SPAN)
    this.errors = state[at + ERRORS] += weight * ((failed ? 1 : 0) - state[at + ERRORS])
    this.novelty = state[at + NOVELTY] += weight * (this.#isNew(slot, endpoint) - state[at + NOVELTY])
    this.night = state[at + NIGHT] += weight * (isNight(time) - state[at + NIGHT])
    this.gap = time > last ? Math.min(elapsed, MAX_GAP) : 0
    if (seen > 1) {
      const step = 1 / Math.min(seen - 1, SPAN)
      const off = this.gap - state[at + GAP]
      state[at + GAP] += step * off
      state[at + DEVIATION] += step * (Math.abs(off) - state[at + DEVIATION])
    }
    this.jitter = seen < 4 ? 1 : state[at + DEVIATION] / (state[at + GAP] + 0.5)
  }

  /** 1 if the endpoint is new to the client, as far as the sketch can tell. */
  #isNew(slot: number, endpoint: number): number {
    const clients = this.#clients
    if (!clients.addToSketch(slot, endpoint + 1)) return 0
    // A half-full sketch is cleared; otherwise a crawler would look normal after its first hundred pages.
    if (clients.sketchBits(slot) > SKETCH_WORDS * 16) {
      clients.clearSketch(slot)
      clients.addToSketch(slot, endpoint + 1)
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
