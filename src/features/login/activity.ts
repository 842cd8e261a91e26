import type { Ids } from '../../core/columns/dictionary.ts'
import { latest, secondsBetween } from '../log-time.ts'
import { Parties, type PartiesSnapshot } from '../parties.ts'
import { Fading } from '../whole-numbers.ts'

const CAPACITY = 32_768
/** How fast failures and successes fade, and a burst. */
const RECENTLY = new Fading(600)
const NOW = new Fading(60)
/** Seconds of silence after which the sketch of counterparts starts anew. */
const FORGET = 3_600
const WORDS = 8
const BITS = WORDS * 32
/** Linear counting (Whang et al. 1990): the number of distinct values by the number of bits that they have set. */
const DISTINCT = Float64Array.from({ length: BITS + 1 }, (_, set) =>
  set === 0 ? 0 : -BITS * Math.log(Math.max(0.5, BITS - set) / BITS),
)

const COLUMNS = ['last', 'failures', 'successes', 'burst', 'refused', 'admitted']
const [LAST, FAILURES, SUCCESSES, BURST, REFUSED, ADMITTED] = COLUMNS.keys()

/** What an event says of the parties to it. */
export interface Deed {
  readonly time: number
  readonly failed: boolean
  readonly succeeded: boolean
  /** Whether it is an attempt to log in, and no other thing that may fail or succeed. */
  readonly login: boolean
}

/** A name, which is cut out of the log when somebody asks for it, and its number in a dictionary, or -1. */
export interface Named {
  readonly id: number
  readonly name: string
}

/** Recent logins of one kind of party, addresses or users: how many failed, and how many counterparts they met. */
export class Activity {
  /** Of the party that was updated last, with the event itself taken in. */
  failures = 0
  successes = 0
  burst = 0
  /** At most as long as anything is remembered: a longer silence says how long the log is. */
  gap = 0
  counterparts = 0
  /** Logins that were refused before the event, as far as they outnumber those that were let in. */
  unanswered = 0
  readonly #parties = new Parties(CAPACITY, COLUMNS, WORDS)

  /** Says which ids of parties are meant from here on. */
  follow(ids: Ids): void {
    this.#parties.follow(ids)
  }

  /** Takes in one event of a party with a counterpart, given by its hash; 0 is none. */
  update(party: Named, { time, failed, succeeded, login }: Deed, counterpart: number): void {
    const known = this.#parties.find(party.id)
    const slot = known < 0 ? this.#parties.claim(party.id, party.name) : known
    const { state } = this.#parties
    const at = slot * COLUMNS.length
    const last = state[at + LAST]
    const elapsed = secondsBetween(last, time)
    if (!Number.isNaN(time)) state[at + LAST] = latest(last, time)
    const fade = RECENTLY.after(elapsed)
    const refused = state[at + REFUSED] * fade
    const admitted = state[at + ADMITTED] * fade
    this.unanswered = excess(refused, admitted)
    state[at + REFUSED] = refused + (login && failed ? 1 : 0)
    state[at + ADMITTED] = admitted + (login && succeeded ? 1 : 0)
    this.gap = time > last ? Math.min(elapsed, FORGET) : 0
    this.failures = state[at + FAILURES] = state[at + FAILURES] * fade + (failed ? 1 : 0)
    this.successes = state[at + SUCCESSES] = state[at + SUCCESSES] * fade + (succeeded ? 1 : 0)
    this.burst = state[at + BURST] = state[at + BURST] * NOW.after(elapsed) + 1
    if (elapsed > FORGET) this.#parties.forget(slot)
    if (counterpart !== 0) this.#parties.meet(slot, counterpart)
    this.counterparts = DISTINCT[this.#parties.met(slot)]
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

/** By how many failures outnumber successes, in whole ones: what is left of one that has nearly faded is none. */
export function excess(failures: number, successes: number): number {
  return Math.max(0, Math.round(failures - successes))
}
