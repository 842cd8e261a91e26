import { boundedKey, LONGEST_KEY } from './bounded-key.ts'
import { ById } from './by-id.ts'
import type { Ids } from './dictionary.ts'
import { SliceTable } from './slice-table.ts'

/**
 * Slots for the most recently used keys. State per key lives in typed arrays of the caller, indexed by slot; `fresh`
 * tells the caller that a slot belongs to a new key, so it must clear that slot. Eviction uses the clock algorithm
 * (second chance; Corbató 1968), which costs one byte per use where exact LRU costs a linked list: a hand cycles
 * through the slots, skips those used since its last visit, and evicts the first one that was not.
 */
export class LruTable {
  readonly capacity: number
  /** Whether the last `claim` gave a slot to a key that had none. */
  fresh = false
  readonly #keys: SliceTable
  /** 1 for slots used since the hand's last visit. */
  readonly #used: Uint8Array
  #hand = 0
  readonly #slots = new ById()
  #slotOf: Int32Array = new Int32Array(0)
  /** The dictionary number under which a slot's key was last claimed. */
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

  /** The slot of a key; a new key gets one. */
  claim(text: string, start = 0, end = text.length): number {
    if (end - start > LONGEST_KEY) return this.claim(boundedKey(text.slice(start, end)))
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

  /** Selects the ids that `touchId` and `claimId` refer to. */
  follow(ids: Ids): void {
    this.#slotOf = this.#slots.follow(ids)
  }

  /** Marks the slot of a numbered text as used and returns it; -1 if it is not known by number, then call `claimId`. */
  touchId(id: number): number {
    const known = id < 0 ? -1 : this.#slotOf[id]
    if (known < 0 || this.#ids[known] !== id) return -1
    this.#used[known] = 1
    this.fresh = false
    return known
  }

  /** Like `claim`, for a text with a dictionary number (or -1). */
  claimId(id: number, text: string): number {
    const slot = this.claim(text)
    if (id >= 0) this.#slotOf[id] = slot
    this.#ids[slot] = id
    return slot
  }

  /** Marks the slot of a key as used and returns it; -1 if the key has none. */
  touch(text: string, start = 0, end = text.length): number {
    const slot = this.#keys.find(text, start, end)
    if (slot >= 0) this.#used[slot] = 1
    return slot
  }

  /** Slots in the order of the hand's next visits, for a snapshot. */
  slots(): Int32Array {
    const { size } = this
    const slots = new Int32Array(size)
    for (let i = 0; i < size; i++) slots[i] = (this.#hand + i) % size
    return slots
  }

  /** For each of `slots()`, 1 if it was used since the hand's last visit. */
  used(): Uint8Array {
    const slots = this.slots()
    const used = new Uint8Array(slots.length)
    for (let i = 0; i < slots.length; i++) used[i] = this.#used[slots[i]]
    return used
  }

  /** Restores the keys and flags saved from `slots()` and `used()`. The table must be new. */
  restore(keys: readonly string[], used: ArrayLike<number>): void {
    for (const key of keys) this.#keys.intern(key)
    this.#used.set(used)
  }
}
