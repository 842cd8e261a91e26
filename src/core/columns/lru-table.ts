import { ById } from './by-id.ts'
import type { Ids } from './dictionary.ts'
import { SliceTable } from './slice-table.ts'

/**
 * Slots for the keys in use lately. State per key lives in typed arrays of the caller, indexed by slot; a slot that goes
 * to another key is announced by `fresh`, upon which the caller clears its columns. Which key goes is decided by the
 * clock algorithm (second chance), which costs one byte per use where true recency costs a linked list: a hand goes round
 * the slots, spares those used since it came by, and takes the first that was not.
 */
export class LruTable {
  readonly capacity: number
  /** Whether the last `claim` gave a slot to a key that had none. */
  fresh = false
  readonly #keys: SliceTable
  /** 1 for slots used again since the hand came by. */
  readonly #used: Uint8Array
  #hand = 0
  readonly #slots = new ById()
  #slotOf: Int32Array = new Int32Array(0)
  /** The number that a slot's key was claimed by last. */
  readonly #ids: Int32Array

  constructor(capacity: number) {
    this.capacity = capacity
    this.#keys = new SliceTable(capacity)
    this.#used = new Uint8Array(capacity)
    this.#ids = new Int32Array(capacity).fill(-1)
  }

  get size(): number {
    return this.#keys.size
  }

  text(slot: number): string {
    return this.#keys.text(slot)
  }

  /** The slot of a key, which gets one now if it has none. */
  claim(text: string, start = 0, end = text.length): number {
    const known = this.touch(text, start, end)
    this.fresh = known < 0
    if (known >= 0) return known
    const added = this.#keys.intern(text, start, end)
    if (added >= 0) return added
    while (this.#used[this.#hand] === 1) {
      this.#used[this.#hand] = 0
      this.#hand = (this.#hand + 1) % this.capacity
    }
    const slot = this.#hand
    this.#hand = (slot + 1) % this.capacity
    this.#keys.rename(slot, text, start, end)
    this.#ids[slot] = -1
    return slot
  }

  /** Says which ids `claimId` is asked with from here on. */
  follow(ids: Ids): void {
    this.#slotOf = this.#slots.follow(ids)
  }

  /** The slot of a text with a number (or -1), which counts as used; -1 where the text is to be looked at, by `claimId`. */
  touchId(id: number): number {
    const known = id < 0 ? -1 : this.#slotOf[id]
    if (known < 0 || this.#ids[known] !== id) return -1
    this.#used[known] = 1
    this.fresh = false
    return known
  }

  /** `claim` for a text that has a number (or -1). */
  claimId(id: number, text: string): number {
    const slot = this.claim(text)
    if (id >= 0) this.#slotOf[id] = slot
    this.#ids[slot] = id
    return slot
  }

  /** The slot of a key that has one, which counts as used; -1 otherwise. */
  touch(text: string, start = 0, end = text.length): number {
    const slot = this.#keys.find(text, start, end)
    if (slot >= 0) this.#used[slot] = 1
    return slot
  }

  /** Slots in the order in which the hand will come by, for a snapshot. */
  slots(): Int32Array {
    const { size } = this
    const slots = new Int32Array(size)
    for (let i = 0; i < size; i++) slots[i] = (this.#hand + i) % size
    return slots
  }

  /** Whether each of `slots()` was used since the hand came by. */
  used(): Uint8Array {
    const slots = this.slots()
    const used = new Uint8Array(slots.length)
    for (let i = 0; i < slots.length; i++) used[i] = this.#used[slots[i]]
    return used
  }

  /** Takes back the keys of `slots()`, in that order, and `used()`; the table must be new. */
  restore(keys: readonly string[], used: ArrayLike<number>): void {
    for (const key of keys) this.#keys.intern(key)
    this.#used.set(used)
  }
}
