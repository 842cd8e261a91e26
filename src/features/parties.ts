import type { Ids } from '../core/columns/dictionary.ts'
import { LruTable } from '../core/columns/lru-table.ts'
import { mix } from '../core/columns/slice-table.ts'

export interface PartiesSnapshot {
  readonly parties: readonly string[]
  readonly arrays: Record<string, Float64Array | Uint32Array | Uint8Array>
}

/**
 * Bounded state of clients, addresses or users; those not seen recently are evicted. Each has a few numbers, adjacent
 * so that they share a cache line, and a sketch (a bitmap of `words` x 32 bits) of the things it has met.
 */
export class Parties {
  /** The numbers of slot s start at s * columns.length. */
  readonly state: Float64Array
  readonly #columns: readonly string[]
  readonly #words: number
  readonly #table: LruTable
  readonly #sketch: Uint32Array

  constructor(capacity: number, columns: readonly string[], words: number) {
    this.#columns = columns
    this.#words = words
    this.#table = new LruTable(capacity)
    this.state = new Float64Array(capacity * columns.length)
    this.#sketch = new Uint32Array(capacity * words)
  }

  /** Selects the ids that `find` and `claim` refer to. */
  follow(ids: Ids): void {
    this.#table.follow(ids)
  }

  /** The slot of a party known by its text number; -1 if unknown, then call `claim`. */
  find(id: number): number {
    return this.#table.touchId(id)
  }

  /** The slot of a party with text number `id` (or -1). The numbers of a new party are 0. */
  claim(id: number, text: string): number {
    const slot = this.#table.claimId(id, text)
    if (this.#table.fresh) {
      this.state.fill(0, slot * this.#columns.length, (slot + 1) * this.#columns.length)
      this.clearSketch(slot)
    }
    return slot
  }

  /** Adds a hash to the sketch. Returns false if its bit was already set. */
  addToSketch(slot: number, hash: number): boolean {
    const bit = mix(hash) & (this.#words * 32 - 1)
    const word = slot * this.#words + (bit >> 5)
    const flag = 1 << (bit & 31)
    if ((this.#sketch[word] & flag) !== 0) return false
    this.#sketch[word] |= flag
    return true
  }

  /** Bits set in the sketch. */
  sketchBits(slot: number): number {
    let set = 0
    for (let word = slot * this.#words; word < (slot + 1) * this.#words; word++) set += popcount(this.#sketch[word])
    return set
  }

  /** Empties the sketch. */
  clearSketch(slot: number): void {
    this.#sketch.fill(0, slot * this.#words, (slot + 1) * this.#words)
  }

  snapshot(): PartiesSnapshot {
    const slots = this.#table.slots()
    const width = this.#columns.length
    const words = this.#words
    const arrays: PartiesSnapshot['arrays'] = {}
    this.#columns.forEach((name, column) => {
      const values = new Float64Array(slots.length)
      for (let i = 0; i < slots.length; i++) values[i] = this.state[slots[i] * width + column]
      arrays[name] = values
    })
    const sketch = new Uint32Array(slots.length * words)
    slots.forEach((slot, i) => {
      sketch.set(this.#sketch.subarray(slot * words, (slot + 1) * words), i * words)
    })
    arrays.sketch = sketch
    arrays.used = this.#table.used()
    return { parties: Array.from(slots, (slot) => this.#table.text(slot)), arrays }
  }

  /** Restores a snapshot; the table must be new. */
  restore({ parties, arrays }: { parties: readonly string[]; arrays: Record<string, ArrayLike<number>> }): void {
    const width = this.#columns.length
    this.#table.restore(parties, arrays.used)
    this.#columns.forEach((name, column) => {
      // Older versions saved fewer columns.
      const values = arrays[name] ?? []
      for (let slot = 0; slot < values.length; slot++) this.state[slot * width + column] = values[slot]
    })
    this.#sketch.set(arrays.sketch)
  }
}

function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
