import { SliceTable } from './slice-table.ts'

/**
 * Slots for the most recently used keys. State per key lives in typed arrays of the caller, indexed by slot; a slot that
 * goes to another key is announced by `fresh`, upon which the caller clears its columns.
 */
export class LruTable {
  readonly capacity: number
  /** Whether the last `claim` gave a slot to a key that had none. */
  fresh = false
  readonly #keys: SliceTable
  readonly #older: Int32Array
  readonly #newer: Int32Array
  #oldest = -1
  #newest = -1

  constructor(capacity: number) {
    this.capacity = capacity
    this.#keys = new SliceTable(capacity)
    this.#older = new Int32Array(capacity).fill(-1)
    this.#newer = new Int32Array(capacity).fill(-1)
  }

  get size(): number {
    return this.#keys.size
  }

  text(slot: number): string {
    return this.#keys.text(slot)
  }

  /** The slot of a key, which becomes the most recently used one. */
  claim(text: string, start = 0, end = text.length): number {
    let slot = this.#keys.find(text, start, end)
    this.fresh = slot < 0
    if (this.fresh) {
      slot = this.#keys.intern(text, start, end)
      if (slot < 0) {
        slot = this.#oldest
        this.#unlink(slot)
        this.#keys.rename(slot, text, start, end)
      }
    } else {
      if (slot === this.#newest) return slot
      this.#unlink(slot)
    }
    this.#older[slot] = this.#newest
    this.#newer[slot] = -1
    if (this.#newest >= 0) this.#newer[this.#newest] = slot
    this.#newest = slot
    if (this.#oldest < 0) this.#oldest = slot
    return slot
  }

  /** Slots from the least to the most recently used: claiming their keys in this order rebuilds the table. */
  slots(): number[] {
    const order: number[] = []
    for (let slot = this.#oldest; slot >= 0; slot = this.#newer[slot]) order.push(slot)
    return order
  }

  #unlink(slot: number): void {
    const older = this.#older[slot]
    const newer = this.#newer[slot]
    if (older >= 0) this.#newer[older] = newer
    else this.#oldest = newer
    if (newer >= 0) this.#older[newer] = older
    else this.#newest = older
  }
}
