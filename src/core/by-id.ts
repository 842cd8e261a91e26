import type { Ids } from './dictionary.ts'

/** A number of one's own for each number of a dictionary: a place in a table, a verdict. */
export class ById {
  #epoch = Number.NaN
  #values = new Int32Array(0)

  /** The values by number for these ids, to be read and written; -1 where there is none yet. */
  follow(ids: Ids): Int32Array {
    if (ids.epoch !== this.#epoch) this.#values.fill(-1)
    this.#epoch = ids.epoch
    const before = this.#values
    if (ids.size > before.length) {
      this.#values = new Int32Array(Math.max(1024, ids.size * 2)).fill(-1)
      this.#values.set(before)
    }
    return this.#values
  }
}
