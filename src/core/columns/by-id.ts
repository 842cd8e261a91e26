import type { Ids } from './dictionary.ts'

/** Maps each number of a dictionary to another number, such as a row of a table or a cached result. */
export class ById {
  #epoch = Number.NaN
  #values = new Int32Array(0)

  /** The value array for these ids, for reading and writing, indexed by id; -1 means unset. */
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

/** Caches one object per number of a dictionary. */
export class MadeById<T> {
  readonly #places = new ById()
  #known: Int32Array = new Int32Array(0)
  #made: T[] = []
  #epoch = Number.NaN

  /** Selects the ids that `find`, `keep` and `add` refer to. */
  follow(ids: Ids): void {
    if (ids.epoch !== this.#epoch) this.#made = []
    this.#epoch = ids.epoch
    this.#known = this.#places.follow(ids)
  }

  /** The object cached for an id; undefined if there is none yet. */
  find(id: number): T | undefined {
    const place = this.#known[id]
    return place < 0 ? undefined : this.#made[place]
  }

  keep(id: number, made: T): T {
    this.#known[id] = this.#made.push(made) - 1
    return made
  }
}

/** Caches a fixed number of values per number of a dictionary, such as measurements of its text. */
export class RowsById {
  /** The rows, concatenated. */
  data = new Float32Array(0)
  readonly #width: number
  readonly #places = new ById()
  #known: Int32Array = new Int32Array(0)
  #epoch = Number.NaN
  #used = 0

  constructor(width: number) {
    this.#width = width
  }

  /** Selects the ids that `find`, `keep` and `add` refer to. */
  follow(ids: Ids): void {
    if (ids.epoch !== this.#epoch) this.#used = 0
    this.#epoch = ids.epoch
    this.#known = this.#places.follow(ids)
  }

  /** Start of a text's row in `data`; -1 if it has none yet. */
  find(id: number): number {
    return id < 0 ? -1 : this.#known[id]
  }

  /** Adds a row for a text without one, and returns its start. */
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
