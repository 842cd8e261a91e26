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

/** Something that is made once for each number of a dictionary. */
export class MadeById<T> {
  readonly #places = new ById()
  #known: Int32Array = new Int32Array(0)
  #made: T[] = []
  #epoch = Number.NaN

  /** Says which ids are meant from here on. */
  follow(ids: Ids): void {
    if (ids.epoch !== this.#epoch) this.#made = []
    this.#epoch = ids.epoch
    this.#known = this.#places.follow(ids)
  }

  /** What was made for a number below the size of the ids; undefined where nothing was yet. */
  find(id: number): T | undefined {
    const place = this.#known[id]
    return place < 0 ? undefined : this.#made[place]
  }

  keep(id: number, made: T): T {
    this.#known[id] = this.#made.push(made) - 1
    return made
  }
}

/** A few numbers of one's own for each number of a dictionary: what was measured of its text. */
export class RowsById {
  /** The rows, one after the other. */
  data = new Float32Array(0)
  readonly #width: number
  readonly #places = new ById()
  #known: Int32Array = new Int32Array(0)
  #epoch = Number.NaN
  #used = 0

  constructor(width: number) {
    this.#width = width
  }

  /** Says which ids are meant from here on. */
  follow(ids: Ids): void {
    if (ids.epoch !== this.#epoch) this.#used = 0
    this.#epoch = ids.epoch
    this.#known = this.#places.follow(ids)
  }

  /** Where the row of a text begins in `data`; -1 where there is none yet. */
  find(id: number): number {
    return id < 0 ? -1 : this.#known[id]
  }

  /** Makes room for the row of a text that has none, and returns where it begins. */
  add(id: number): number {
    const at = this.#used
    this.#used += this.#width
    if (this.#used > this.data.length) {
      const more = new Float32Array(Math.max(1024, this.#used * 2))
      more.set(this.data)
      this.data = more
    }
    this.#known[id] = at
    return at
  }
}
