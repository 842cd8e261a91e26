import type { Ids } from './dictionary.ts'
import { PairTable } from './pair-table.ts'

/** A place in a table of one's own for each pair of texts of two columns, by their numbers. */
export class IdPairs {
  readonly #capacity: number
  #pairs: PairTable
  #first: Ids | undefined
  #second: Ids | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#pairs = new PairTable(capacity)
  }

  /** Says which columns are meant from here on. */
  follow(first: Ids, second: Ids): void {
    if (first.epoch !== this.#first?.epoch || second.epoch !== this.#second?.epoch) {
      this.#pairs = new PairTable(this.#capacity)
    }
    this.#first = first
    this.#second = second
  }

  /** The place of the pair of an event, or -1 where it has none yet. */
  find(index: number): number {
    return this.#pairs.find(this.#first!.of[index], this.#second!.of[index])
  }

  /** A place for the pair of an event; -1 where a text has no number or the table is full. */
  add(index: number): number {
    const first = this.#first!.of[index]
    const second = this.#second!.of[index]
    return first < 0 || second < 0 ? -1 : this.#pairs.intern(first, second)
  }
}
