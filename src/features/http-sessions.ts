import { LruTable } from '../core/lru-table.ts'
import { mix } from '../core/slice-table.ts'

/** Clients remembered; the least recently seen one is forgotten first. */
const CAPACITY = 65_536
/** Seconds in which a burst fades to 1/e. */
const BURST = 60
/** Requests over which the shares of a session are averaged. */
const SPAN = 50
/** Bits of the sketch of endpoints that a session has asked for. */
const SKETCH_WORDS = 4

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

  readonly #clients: LruTable
  readonly #columns = {
    last: new Float64Array(CAPACITY),
    burst: new Float64Array(CAPACITY),
    seen: new Float64Array(CAPACITY),
    errors: new Float64Array(CAPACITY),
    novelty: new Float64Array(CAPACITY),
    night: new Float64Array(CAPACITY),
    gap: new Float64Array(CAPACITY),
    deviation: new Float64Array(CAPACITY),
    sketch: new Uint32Array(CAPACITY * SKETCH_WORDS),
  }

  constructor() {
    this.#clients = new LruTable(CAPACITY)
  }

  /** Takes in one request and leaves what is known of its client in the fields. */
  update(text: string, start: number, end: number, time: number, failed: boolean, endpoint: number): void {
    const slot = this.#clients.claim(text, start, end)
    const columns = this.#columns
    if (this.#clients.fresh) this.#clear(slot)
    const seen = ++columns.seen[slot]
    const elapsed = seen === 1 || !(time > columns.last[slot]) ? 0 : (time - columns.last[slot]) / 1000
    if (time > columns.last[slot]) columns.last[slot] = time

    this.burst = columns.burst[slot] = columns.burst[slot] * Math.exp(-elapsed / BURST) + 1
    const weight = 1 / Math.min(seen, SPAN)
    this.errors = columns.errors[slot] += weight * ((failed ? 1 : 0) - columns.errors[slot])
    this.novelty = columns.novelty[slot] += weight * (this.#isNew(slot, endpoint) - columns.novelty[slot])
    this.night = columns.night[slot] += weight * (isNight(time) - columns.night[slot])
    this.gap = elapsed
    if (seen > 1) {
      const step = 1 / Math.min(seen - 1, SPAN)
      const off = elapsed - columns.gap[slot]
      columns.gap[slot] += step * off
      columns.deviation[slot] += step * (Math.abs(off) - columns.deviation[slot])
    }
    this.jitter = seen < 4 ? 1 : columns.deviation[slot] / (columns.gap[slot] + 0.5)
  }

  /** 1 where the client has not asked for this endpoint before, as far as a sketch of bounded size can tell. */
  #isNew(slot: number, endpoint: number): number {
    const sketch = this.#columns.sketch
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
    const { last, burst, seen, errors, novelty, night, gap, deviation, sketch } = this.#columns
    last[slot] = burst[slot] = seen[slot] = errors[slot] = novelty[slot] = night[slot] = gap[slot] = deviation[slot] = 0
    sketch.fill(0, slot * SKETCH_WORDS, (slot + 1) * SKETCH_WORDS)
  }

  snapshot() {
    const slots = this.#clients.slots()
    const { sketch, ...columns } = this.#columns
    const arrays: Record<string, Float64Array> = {}
    for (const [name, column] of Object.entries(columns))
      arrays[name] = Float64Array.from(slots, (slot) => column[slot])
    const sketches = new Uint32Array(slots.length * SKETCH_WORDS)
    slots.forEach((slot, i) => {
      sketches.set(sketch.subarray(slot * SKETCH_WORDS, (slot + 1) * SKETCH_WORDS), i * SKETCH_WORDS)
    })
    return {
      clients: slots.map((slot) => this.#clients.text(slot)),
      arrays: { ...arrays, sketch: sketches, used: this.#clients.used() },
    }
  }

  static restore(snapshot: { clients: readonly string[]; arrays: Record<string, ArrayLike<number>> }): HttpSessions {
    const sessions = new HttpSessions()
    sessions.#clients.restore(snapshot.clients, snapshot.arrays.used)
    for (const [name, column] of Object.entries(sessions.#columns)) column.set(snapshot.arrays[name])
    return sessions
  }
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
