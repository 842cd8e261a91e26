import { mix } from './slice-table.ts'

/** Interns pairs of small integers: each new pair gets the next id. */
export class PairTable {
  readonly capacity: number
  readonly #mask: number
  readonly #slots: Int32Array
  readonly #firsts: Int32Array
  readonly #seconds: Int32Array
  #size = 0

  constructor(capacity: number) {
    this.capacity = capacity
    let slots = 16
    while (slots < capacity * 2) slots *= 2
    this.#mask = slots - 1
    this.#slots = new Int32Array(slots).fill(-1)
    this.#firsts = new Int32Array(capacity)
    this.#seconds = new Int32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  first(id: number): number {
    return this.#firsts[id]
  }

  second(id: number): number {
    return this.#seconds[id]
  }

  /** The id of the pair, or -1. */
  find(first: number, second: number): number {
    let at = mix(Math.imul(first, 0x9e3779b1) ^ second) & this.#mask
    for (let id = this.#slots[at]; id >= 0; id = this.#slots[at]) {
      if (this.#firsts[id] === first && this.#seconds[id] === second) return id
      at = (at + 1) & this.#mask
    }
    return -1
  }

  /** The id of the pair; a new pair gets the next one. -1 if it is new and the table is full. */
  intern(first: number, second: number): number {
    const known = this.find(first, second)
    if (known >= 0 || this.#size === this.capacity) return known
    let at = mix(Math.imul(first, 0x9e3779b1) ^ second) & this.#mask
    while (this.#slots[at] >= 0) at = (at + 1) & this.#mask
    const id = this.#size++
    this.#slots[at] = id
    this.#firsts[id] = first
    this.#seconds[id] = second
    return id
  }

  /** All pairs as [first, second, first, second, ...], ordered by id. */
  pairs(): Int32Array {
    const pairs = new Int32Array(this.#size * 2)
    for (let id = 0; id < this.#size; id++) {
      pairs[2 * id] = this.#firsts[id]
      pairs[2 * id + 1] = this.#seconds[id]
    }
    return pairs
  }
}
