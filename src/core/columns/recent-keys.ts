import { grown } from './grown.ts'

/** No slot: what stands before the oldest and after the newest. */
const NONE = -1
// Fields of a slot, which lie side by side in one line of the cache: its neighbours in the order of use, and by which
// number of whose its key was found last.
const ROW = 4
const OLDER = 0
const NEWER = 1
const ID = 2
const OWNER = 3
const NOBODY = 0

/**
 * Slots for the keys used last: a key that comes when all slots are taken gets that of the key not used for longest. State
 * per key lives in arrays of the caller, indexed by slot; a slot that a key gets anew is announced by `fresh`, upon
 * which the caller clears it. Where a rough order will do and keys are slices, `LruTable` spares the list.
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
  /** Keys that had to give way since the beginning. */
  evicted = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#slots.size
  }

  /** The slot of a key, which becomes the newest and gets one if it has none. The key is kept: it must be no slice. */
  claim(key: string): number {
    const known = this.#slots.get(key)
    this.fresh = known === undefined
    if (known !== undefined) return this.#use(known)
    const slot = this.#give(key)
    this.#append(slot)
    return slot
  }

  /** A new owner of numbers for keys; see `SlotsById`. */
  owner(): number {
    return ++this.#owners
  }

  /** Says that a slot's key goes by this number. */
  name(slot: number, id: number, owner: number): void {
    this.#rows[slot * ROW + ID] = id
    this.#rows[slot * ROW + OWNER] = owner
  }

  /** `claim` for a slot whose key still goes by this number; false where it does not. */
  touch(slot: number, id: number, owner: number): boolean {
    const row = slot * ROW
    if (this.#rows[row + ID] !== id || this.#rows[row + OWNER] !== owner) return false
    this.fresh = false
    this.#use(slot)
    return true
  }

  /** The slots in use, the one used longest ago first. */
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
