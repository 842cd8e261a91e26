import type { Ids } from '../core/dictionary.ts'
import { LruTable } from '../core/lru-table.ts'
import { mix } from '../core/slice-table.ts'

/** Clients remembered; the least recently seen one is forgotten first. */
const CAPACITY = 65_536
/** Seconds in which a burst fades to 1/e. */
const FADING = 60
/** Of whole seconds, which is what most logs have. */
const FADES = Float64Array.from({ length: 1024 }, (_, seconds) => Math.exp(-seconds / FADING))
/** Requests over which the shares of a session are averaged. */
const SPAN = 50
/** Bits of the sketch of endpoints that a session has asked for. */
const SKETCH_WORDS = 4

/** What is remembered of a client, in the order in which it lies in memory. */
const COLUMNS = ['last', 'burst', 'seen', 'errors', 'novelty', 'night', 'gap', 'deviation'] as const
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

  readonly #clients = new LruTable(CAPACITY)
  /** COLUMNS of each client side by side, which are one line of the cache. */
  readonly #state = new Float64Array(CAPACITY * COLUMNS.length)
  readonly #sketch = new Uint32Array(CAPACITY * SKETCH_WORDS)

  /** Says which ids of clients are meant from here on. */
  follow(ids: Ids): void {
    this.#clients.follow(ids)
  }

  /** Takes in one request of the client text[start, end) and leaves what is known of it in the fields. */
  update(id: number, text: string, start: number, end: number, time: number, failed: boolean, endpoint: number): void {
    const slot = this.#clients.claimId(id, text, start, end)
    const state = this.#state
    const at = slot * COLUMNS.length
    if (this.#clients.fresh) this.#clear(slot)
    const seen = ++state[at + SEEN]
    const elapsed = seen === 1 || !(time > state[at + LAST]) ? 0 : (time - state[at + LAST]) / 1000
    if (time > state[at + LAST]) state[at + LAST] = time

    this.burst = state[at + BURST] = state[at + BURST] * fade(elapsed) + 1
    const weight = 1 / Math.min(seen, SPAN)
    this.errors = state[at + ERRORS] += weight * ((failed ? 1 : 0) - state[at + ERRORS])
    this.novelty = state[at + NOVELTY] += weight * (this.#isNew(slot, endpoint) - state[at + NOVELTY])
    this.night = state[at + NIGHT] += weight * (isNight(time) - state[at + NIGHT])
    this.gap = elapsed
    if (seen > 1) {
      const step = 1 / Math.min(seen - 1, SPAN)
      const off = elapsed - state[at + GAP]
      state[at + GAP] += step * off
      state[at + DEVIATION] += step * (Math.abs(off) - state[at + DEVIATION])
    }
    this.jitter = seen < 4 ? 1 : state[at + DEVIATION] / (state[at + GAP] + 0.5)
  }

  /** 1 where the client has not asked for this endpoint before, as far as a sketch of bounded size can tell. */
  #isNew(slot: number, endpoint: number): number {
    const sketch = this.#sketch
    const base = slot * SKETCH_WORDS
    const bit = mix(endpoint + 1) & (SKETCH_WORDS * 32 - 1)
    const word = base + (bit >> 5)
    const flag = 1 << (bit & 31)
    if ((sketch[word] & flag) !== 0) return 0
    let set = 0
    for (let i = 0; i < SKETCH_WORDS; i++) set += popcount(sketch[base + i])
    // A sketch that is half full starts anew, or a crawler would look tame after its first hundred pages.
    if (set >= SKETCH_WORDS * 16) sketch.fill(0, base, base + SKETCH_WORDS)
    sketch[word] |= flag
    return 1
  }

  #clear(slot: number): void {
    this.#state.fill(0, slot * COLUMNS.length, (slot + 1) * COLUMNS.length)
    this.#sketch.fill(0, slot * SKETCH_WORDS, (slot + 1) * SKETCH_WORDS)
  }

  snapshot() {
    const slots = this.#clients.slots()
    const arrays: Record<string, Float64Array> = {}
    COLUMNS.forEach((name, column) => {
      arrays[name] = Float64Array.from(slots, (slot) => this.#state[slot * COLUMNS.length + column])
    })
    const sketches = new Uint32Array(slots.length * SKETCH_WORDS)
    slots.forEach((slot, i) => {
      sketches.set(this.#sketch.subarray(slot * SKETCH_WORDS, (slot + 1) * SKETCH_WORDS), i * SKETCH_WORDS)
    })
    return {
      clients: slots.map((slot) => this.#clients.text(slot)),
      arrays: { ...arrays, sketch: sketches, used: this.#clients.used() },
    }
  }

  static restore(snapshot: { clients: readonly string[]; arrays: Record<string, ArrayLike<number>> }): HttpSessions {
    const sessions = new HttpSessions()
    const { clients, arrays } = snapshot
    sessions.#clients.restore(clients, arrays.used)
    COLUMNS.forEach((name, column) => {
      for (let slot = 0; slot < clients.length; slot++)
        sessions.#state[slot * COLUMNS.length + column] = arrays[name][slot]
    })
    sessions.#sketch.set(arrays.sketch)
    return sessions
  }
}

/** How much of a burst is left after some seconds. */
function fade(seconds: number): number {
  const whole = seconds | 0
  return whole === seconds && whole < FADES.length ? FADES[whole] : Math.exp(-seconds / FADING)
}

/** 1 between 22:00 and 06:00 UTC. */
export function isNight(time: number): number {
  const hour = Math.floor(time / HOUR) % 24
  return hour >= 22 || hour < 6 ? 1 : 0
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
