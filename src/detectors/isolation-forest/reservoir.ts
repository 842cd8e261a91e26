import { mix } from '../../core/columns/slice-table.ts'

/** Pairs of session and pattern are told apart by a hash of this many values. */
const CELLS = 1 << 16
const STREAMS = 256
/** One session may hold this share of the rows with one pattern, plus a few rows. */
const SHARE = 0.0025
const HANDFUL = 4

/**
 * A bounded, seeded, uniform sample of rows (Vitter 1985, algorithm R). A stream is a kind of log; each row keeps its place
 * in its stream, so that the latest part of each stream can be held out. The number of rows per session and pattern is
 * limited, so a flood does not change the sample.
 */
export class Reservoir {
  readonly columns: number
  readonly capacity: number
  /** Rows offered and not rejected as a flood. */
  seen = 0
  /** Rows in the sample. */
  size = 0
  readonly #seed: number
  #data: Float32Array
  #places: Float64Array
  #streams: Uint8Array
  #sessions: Int32Array
  /** Rows offered per stream. */
  readonly #lengths = new Float64Array(STREAMS)
  #cells: Uint16Array
  readonly #held = new Uint16Array(CELLS)

  constructor(columns: number, capacity: number, seed: number) {
    this.columns = columns
    this.capacity = capacity
    this.#seed = seed
    this.#data = new Float32Array(capacity * columns)
    this.#places = new Float64Array(capacity)
    this.#streams = new Uint8Array(capacity)
    this.#sessions = new Int32Array(capacity)
    this.#cells = new Uint16Array(capacity)
  }

  /** Offers the row data[at, at + columns). `session` and `pattern` are hashes; `stream` is 0 to 255. */
  offer(data: Float32Array, at: number, session: number, pattern: number, stream = 0): void {
    const cell = mix(Math.imul(session, 0x9e3779b1) ^ pattern) & (CELLS - 1)
    if (this.#held[cell] >= HANDFUL + SHARE * Math.min(this.seen, this.capacity)) return
    this.seen++
    const place = ++this.#lengths[stream]
    let slot = this.size
    if (slot < this.capacity) this.size++
    else {
      slot = Math.floor((mix(this.#seed ^ Math.imul(this.seen, 0x85ebca6b)) / 2 ** 32) * this.seen)
      if (slot >= this.capacity) return
      this.#held[this.#cells[slot]]--
    }
    this.#held[cell]++
    this.#cells[slot] = cell
    this.#places[slot] = place
    this.#streams[slot] = stream
    this.#sessions[slot] = session
    for (let column = 0; column < this.columns; column++) this.#data[slot * this.columns + column] = data[at + column]
  }

  /** The rows between two positions of their streams, `from` (exclusive) and `to`, each 0 to 1, in order of place. */
  slice(from: number, to: number): { rows: number; data: Float32Array; sessions: Int32Array } {
    const chosen: number[] = []
    for (let slot = 0; slot < this.size; slot++) {
      const place = this.#places[slot] / this.#lengths[this.#streams[slot]]
      if (place > from && place <= to) chosen.push(slot)
    }
    chosen.sort((a, b) => this.#places[a] - this.#places[b])
    const data = new Float32Array(chosen.length * this.columns)
    chosen.forEach((slot, i) => {
      data.set(this.#data.subarray(slot * this.columns, (slot + 1) * this.columns), i * this.columns)
    })
    return { rows: chosen.length, data, sessions: Int32Array.from(chosen, (slot) => this.#sessions[slot]) }
  }

  snapshot() {
    return {
      seen: this.seen,
      data: this.#data.slice(0, this.size * this.columns),
      places: this.#places.slice(0, this.size),
      streams: this.#streams.slice(0, this.size),
      sessions: this.#sessions.slice(0, this.size),
      lengths: this.#lengths.slice(),
      cells: this.#cells.slice(0, this.size),
    }
  }

  /** A snapshot of an older version has no streams; all its rows belong to stream 0. */
  restore(snapshot: {
    seen: number
    data: Float32Array
    places: Float64Array
    streams?: Uint8Array
    sessions?: Int32Array
    lengths?: Float64Array
    cells: Uint16Array
  }): void {
    this.seen = snapshot.seen
    this.size = snapshot.places.length
    this.#data.set(snapshot.data)
    this.#places.set(snapshot.places)
    this.#streams.fill(0).set(snapshot.streams ?? [])
    this.#sessions.fill(0).set(snapshot.sessions ?? [])
    this.#lengths.fill(0).set(snapshot.lengths ?? [snapshot.seen])
    this.#cells.set(snapshot.cells)
    this.#held.fill(0)
    for (const cell of snapshot.cells) this.#held[cell]++
  }
}
