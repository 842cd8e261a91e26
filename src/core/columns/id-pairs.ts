import type { Ids } from './dictionary.ts'
import { PairTable } from './pair-table.ts'

/** Assigns a table index to each pair of texts of two columns, using their dictionary numbers. */
export class IdPairs {
  readonly #capacity: number
  #pairs: PairTable
  #first: Ids | undefined
  #second: Ids | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#pairs = new PairTable(capacity)
  }

  /** Selects the two columns that `find` and `add` refer to. */
  follow(first: Ids, second: Ids): void {
    if (first.epoch !== this.#first?.epoch || second.epoch !== this.#second?.epoch) {
      this.#pairs = new PairTable(this.#capacity)
    }
    this.#first = first
    this.#second = second
  }

  /** The table index of an event's pair; -1 if it has none yet. */
  find(index: number): number {
    return this.#pairs.find(this.#first!.of[index], this.#second!.of[index])
  }

  /** Assigns a table index to an event's pair; -1 if a text has no number or the table is full. */
  add(index: number): number {
    const first = this.#first!.of[index]
    const second = this.#second!.of[index]
    return first < 0 || second < 0 ? -1 : this.#pairs.intern(first, second)
  }
}
