import type { Ids } from '../../core/columns/dictionary.ts'
import { mix } from '../../core/columns/slice-table.ts'

const PLACES = 1 << 16

/** Caches one number per pair of text numbers. A pair overwrites another one with the same hash. */
export class PairMemo {
  readonly #firsts = new Int32Array(PLACES).fill(-1)
  readonly #seconds = new Int32Array(PLACES)
  readonly #values = new Float32Array(PLACES)
  #first = Number.NaN
  #second = Number.NaN

  /** Selects the ids that `get` and `set` refer to. */
  follow(first: Ids, second: Ids): void {
    if (first.epoch !== this.#first || second.epoch !== this.#second) this.#firsts.fill(-1)
    this.#first = first.epoch
    this.#second = second.epoch
  }

  /** The cached number of a pair; NaN if there is none. */
  get(first: number, second: number): number {
    const place = placeOf(first, second)
    const known = first >= 0 && this.#firsts[place] === first && this.#seconds[place] === second
    return known ? this.#values[place] : Number.NaN
  }

  /** Stores the number of a pair; a pair with a text without number is ignored. */
  set(first: number, second: number, value: number): void {
    if (first < 0 || second < 0) return
    const place = placeOf(first, second)
    this.#firsts[place] = first
    this.#seconds[place] = second
    this.#values[place] = value
  }
}

function placeOf(first: number, second: number): number {
  return mix(Math.imul(first, 0x9e3779b1) ^ second) & (PLACES - 1)
}
