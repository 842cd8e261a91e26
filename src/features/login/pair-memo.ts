import type { Ids } from '../../core/columns/dictionary.ts'
import { mix } from '../../core/columns/slice-table.ts'

const PLACES = 1 << 16

/** A number for pairs of texts that have numbers, as long as no other pair falls on its place. */
export class PairMemo {
  readonly #firsts = new Int32Array(PLACES).fill(-1)
  readonly #seconds = new Int32Array(PLACES)
  readonly #values = new Float32Array(PLACES)
  #first = Number.NaN
  #second = Number.NaN

  /** Says which ids are meant from here on. */
  follow(first: Ids, second: Ids): void {
    if (first.epoch !== this.#first || second.epoch !== this.#second) this.#firsts.fill(-1)
    this.#first = first.epoch
    this.#second = second.epoch
  }

  /** The number of a pair; NaN where it is not known. */
  get(first: number, second: number): number {
    const place = placeOf(first, second)
    const known = first >= 0 && this.#firsts[place] === first && this.#seconds[place] === second
    return known ? this.#values[place] : Number.NaN
  }

  /** Texts without a number are not remembered. */
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
