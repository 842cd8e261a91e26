import { ById } from './by-id.ts'
import type { Ids } from './dictionary.ts'
import type { RecentKeys } from './recent-keys.ts'

/** Finds slots of `RecentKeys` by the dictionary numbers of the keys, without reading their texts. */
export class SlotsById {
  readonly #keys: RecentKeys
  readonly #slots = new ById()
  #slotOf: Int32Array = new Int32Array(0)
  #epoch = Number.NaN
  #owner = 0

  constructor(keys: RecentKeys) {
    this.#keys = keys
  }

  /** Selects the ids that `touch` and `claim` refer to. */
  follow(ids: Ids): void {
    if (ids.epoch !== this.#epoch) this.#owner = this.#keys.owner()
    this.#epoch = ids.epoch
    this.#slotOf = this.#slots.follow(ids)
  }

  /** The slot of the key with this number, which becomes the most recently used; -1 if unknown, then call `claim`. */
  touch(id: number): number {
    const slot = this.#slotOf[id]
    return slot >= 0 && this.#keys.touch(slot, id, this.#owner) ? slot : -1
  }

  /** `RecentKeys.claim` for a key with a number. */
  claim(id: number, key: string): number {
    const slot = this.#keys.claim(key)
    this.#keys.name(slot, id, this.#owner)
    this.#slotOf[id] = slot
    return slot
  }
}
