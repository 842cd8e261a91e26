import { LruTable } from '../core/lru-table.ts'
import { mix } from '../core/slice-table.ts'

const CAPACITY = 32_768
/** Seconds in which failures, successes and a burst fade to 1/e. */
const RECENT = 600
const BURST = 60
/** Seconds of silence after which the sketch of counterparts starts anew. */
const FORGET = 3_600
const WORDS = 8
const BITS = WORDS * 32

/** Recent logins of one kind of party, addresses or users: how many failed, and how many counterparts they met. */
export class Activity {
  /** Of the party that was updated last, with the event itself taken in; `failuresBefore` without it. */
  failures = 0
  failuresBefore = 0
  successes = 0
  burst = 0
  gap = 0
  counterparts = 0
  readonly #parties = new LruTable(CAPACITY)
  readonly #columns = {
    last: new Float64Array(CAPACITY),
    failures: new Float64Array(CAPACITY),
    successes: new Float64Array(CAPACITY),
    burst: new Float64Array(CAPACITY),
    sketch: new Uint32Array(CAPACITY * WORDS),
  }

  /** Takes in one event of a party with a counterpart, given by its hash; 0 is none. */
  update(party: string, time: number, failed: boolean, succeeded: boolean, counterpart: number): void {
    const slot = this.#parties.claim(party)
    const { last, failures, successes, burst, sketch } = this.#columns
    if (this.#parties.fresh) this.#clear(slot)
    const elapsed = last[slot] === 0 || !(time > last[slot]) ? 0 : (time - last[slot]) / 1000
    if (time > last[slot]) last[slot] = time
    const fade = Math.exp(-elapsed / RECENT)
    this.gap = elapsed
    this.failuresBefore = failures[slot] * fade
    this.failures = failures[slot] = this.failuresBefore + (failed ? 1 : 0)
    this.successes = successes[slot] = successes[slot] * fade + (succeeded ? 1 : 0)
    this.burst = burst[slot] = burst[slot] * Math.exp(-elapsed / BURST) + 1
    const base = slot * WORDS
    if (elapsed > FORGET) sketch.fill(0, base, base + WORDS)
    if (counterpart !== 0) {
      const bit = mix(counterpart) & (BITS - 1)
      sketch[base + (bit >> 5)] |= 1 << (bit & 31)
    }
    this.counterparts = this.#distinct(base)
  }

  /** Linear counting (Whang et al. 1990): the number of distinct values from the share of bits still zero. */
  #distinct(base: number): number {
    let set = 0
    for (let i = 0; i < WORDS; i++) {
      for (let word = this.#columns.sketch[base + i]; word !== 0; word &= word - 1) set++
    }
    return set === 0 ? 0 : -BITS * Math.log(Math.max(0.5, BITS - set) / BITS)
  }

  #clear(slot: number): void {
    const { last, failures, successes, burst, sketch } = this.#columns
    last[slot] = failures[slot] = successes[slot] = burst[slot] = 0
    sketch.fill(0, slot * WORDS, (slot + 1) * WORDS)
  }

  snapshot() {
    const slots = this.#parties.slots()
    const { last, failures, successes, burst, sketch } = this.#columns
    const sketches = new Uint32Array(slots.length * WORDS)
    slots.forEach((slot, i) => {
      sketches.set(sketch.subarray(slot * WORDS, (slot + 1) * WORDS), i * WORDS)
    })
    return {
      parties: slots.map((slot) => this.#parties.text(slot)),
      arrays: {
        last: Float64Array.from(slots, (slot) => last[slot]),
        failures: Float64Array.from(slots, (slot) => failures[slot]),
        successes: Float64Array.from(slots, (slot) => successes[slot]),
        burst: Float64Array.from(slots, (slot) => burst[slot]),
        sketch: sketches,
        used: this.#parties.used(),
      },
    }
  }

  static restore(snapshot: { parties: readonly string[]; arrays: Record<string, ArrayLike<number>> }): Activity {
    const activity = new Activity()
    activity.#parties.restore(snapshot.parties, snapshot.arrays.used)
    for (const [name, column] of Object.entries(activity.#columns)) column.set(snapshot.arrays[name])
    return activity
  }
}
