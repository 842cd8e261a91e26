import { boundedKey } from './bounded-key.ts'
import { grown } from './grown.ts'

/** No slot: the neighbour of the oldest and newest slots. */
const NONE = -1
// Fields of a slot, adjacent so that they share a cache line: its neighbours in the order of use, and the dictionary
// number
// (with its owner) under which its key was last found.
const ROW = 4
const OLDER = 0
const NEWER = 1
const ID = 2
const OWNER = 3
const NOBODY = 0

/**
 * Slots for the most recently used keys, in exact LRU order: a new key takes the slot of the least recently used one.
 * State per key lives in arrays of the caller, indexed by slot; `fresh` tells the caller that a slot belongs to a new
 * key, so it must clear that slot. `LruTable` is cheaper if approximate order is enough and keys are slices.
 */
export class RecentKeys {
  readonly #capacity: number
  readonly #slots = new Map<string, number>()
  readonly #keys: string[] = []
  #rows = new Int32Array(0)
  #owners = NOBODY
  #oldest = NONE
  #newest = NONE
  /** Whether the last `claim` gave a slot to a key that had none. */
  fresh = false
  /** Keys evicted so far. */
  evicted = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#slots.size
  }

  /**
   * The slot of a key, which becomes the most recently used; a new key gets one. The key is stored: it must not be a
   * slice.
   */
  claim(name: string): number {
    const key = boundedKey(name)
    const known = this.#slots.get(key)
    this.fresh = known === undefined
    if (known !== undefined) return this.#use(known)
    const slot = this.#give(key)
    this.#append(slot)
    return slot
  }

  /** A new owner of key numbers; see `SlotsById`. */
  owner(): number {
    return ++this.#owners
  }

  /** Records the number of a slot's key. */
  name(slot: number, id: number, owner: number): void {
    this.#rows[slot * ROW + ID] = id
    this.#rows[slot * ROW + OWNER] = owner
  }

  /** Like `claim`, for a slot whose key still has this number; false if it has not. */
  touch(slot: number, id: number, owner: number): boolean {
    const row = slot * ROW
    if (this.#rows[row + ID] !== id || this.#rows[row + OWNER] !== owner) return false
    this.fresh = false
    this.#use(slot)
    return true
  }

  /** The slots in use, least recently used first. */
  slots(): Int32Array {
    const slots = new Int32Array(this.size)
    let slot = this.#oldest
    for (let i = 0; i < slots.length; i++) {
      slots[i] = slot
      slot = this.#rows[slot * ROW + NEWER]
    }
    return slots
  }

  key(slot: number): string {
    return this.#keys[slot]
  }

  #give(key: string): number {
    let slot = this.#keys.length
    if (slot >= this.#capacity) {
      slot = this.#oldest
      this.#unlink(slot)
      this.#slots.delete(this.#keys[slot])
      this.evicted++
    }
    this.#rows = grown(this.#rows, (slot + 1) * ROW)
    this.#rows[slot * ROW + OWNER] = NOBODY
    this.#keys[slot] = key
    this.#slots.set(key, slot)
    return slot
  }

  #use(slot: number): number {
    if (slot === this.#newest) return slot
    this.#unlink(slot)
    this.#append(slot)
    return slot
  }

  #unlink(slot: number): void {
    const rows = this.#rows
    const older = rows[slot * ROW + OLDER]
    const newer = rows[slot * ROW + NEWER]
    if (older === NONE) this.#oldest = newer
    else rows[older * ROW + NEWER] = newer
    if (newer === NONE) this.#newest = older
    else rows[newer * ROW + OLDER] = older
  }

  #append(slot: number): void {
    const newest = this.#newest
    this.#rows[slot * ROW + OLDER] = newest
    this.#rows[slot * ROW + NEWER] = NONE
    if (newest === NONE) this.#oldest = slot
    else this.#rows[newest * ROW + NEWER] = slot
    this.#newest = slot
  }
}
