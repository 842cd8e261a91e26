import type { Ids } from '../../core/columns/dictionary.ts'
import { latest, secondsBetween } from '../log-time.ts'
import { Parties, type PartiesSnapshot } from '../parties.ts'
import { Decay } from '../whole-numbers.ts'

const CAPACITY = 32_768
/** Decay of failures and successes, and decay of a burst. */
const ATTEMPT_DECAY = new Decay(600)
const BURST_DECAY = new Decay(60)
/** Seconds without events after which the sketch of counterparts is cleared; also the longest gap. */
const FORGET = 3_600
const WORDS = 8
const BITS = WORDS * 32
/** Linear counting (Whang et al. 1990): estimates the number of distinct values from the number of bits set. */
const DISTINCT = Float64Array.from({ length: BITS + 1 }, (_, set) =>
  set === 0 ? 0 : -BITS * Math.log(Math.max(0.5, BITS - set) / BITS),
)

const COLUMNS = ['last', 'failures', 'successes', 'burst', 'refused', 'admitted']
const [LAST, FAILURES, SUCCESSES, BURST, REFUSED, ADMITTED] = COLUMNS.keys()

/** The facts of an event that update its parties. */
export interface EventFacts {
  readonly time: number
  readonly failed: boolean
  readonly succeeded: boolean
  /** True for a login attempt; other events may also fail or succeed. */
  readonly login: boolean
}

/** A name, created on request, and its text number or -1. */
export interface PartyName {
  readonly id: number
  readonly name: string
}

/** Recent events per address or per user: failures, successes, and the number of distinct counterparts. */
export class Activity {
  /** Values of the last updated party, including the event itself. */
  failures = 0
  successes = 0
  burst = 0
  /** Seconds since the previous event, at most FORGET: longer gaps depend on the length of the log. */
  gap = 0
  counterparts = 0
  /** Refused logins before the event minus accepted ones, at least 0. */
  netRefused = 0
  readonly #parties = new Parties(CAPACITY, COLUMNS, WORDS)

  /** Selects the party ids that `update` refers to. */
  follow(ids: Ids): void {
    this.#parties.follow(ids)
  }

  /** Updates a party with an event. `counterpart` is a hash; 0 means none. */
  update(party: PartyName, { time, failed, succeeded, login }: EventFacts, counterpart: number): void {
    const known = this.#parties.find(party.id)
    const slot = known < 0 ? this.#parties.claim(party.id, party.name) : known
    const { state } = this.#parties
    const at = slot * COLUMNS.length
    const last = state[at + LAST]
    const elapsed = secondsBetween(last, time)
    if (!Number.isNaN(time)) state[at + LAST] = latest(last, time)
    const fade = ATTEMPT_DECAY.after(elapsed)
    const refused = state[at + REFUSED] * fade
    const admitted = state[at + ADMITTED] * fade
    this.netRefused = excess(refused, admitted)
    state[at + REFUSED] = refused + (login && failed ? 1 : 0)
    state[at + ADMITTED] = admitted + (login && succeeded ? 1 : 0)
    this.gap = time > last ? Math.min(elapsed, FORGET) : 0
    this.failures = state[at + FAILURES] = state[at + FAILURES] * fade + (failed ? 1 : 0)
    this.successes = state[at + SUCCESSES] = state[at + SUCCESSES] * fade + (succeeded ? 1 : 0)
    this.burst = state[at + BURST] = state[at + BURST] * BURST_DECAY.after(elapsed) + 1
    if (elapsed > FORGET) this.#parties.clearSketch(slot)
    if (counterpart !== 0) this.#parties.addToSketch(slot, counterpart)
    this.counterparts = DISTINCT[this.#parties.sketchBits(slot)]
  }

  snapshot(): PartiesSnapshot {
    return this.#parties.snapshot()
  }

  static restore(snapshot: { parties: readonly string[]; arrays: Record<string, ArrayLike<number>> }): Activity {
    const activity = new Activity()
    activity.#parties.restore(snapshot)
    return activity
  }
}

/** Failures minus successes, rounded, at least 0. Rounding drops the remainder of decayed events. */
export function excess(failures: number, successes: number): number {
  return Math.max(0, Math.round(failures - successes))
}
