import { SliceTable } from '../core/columns/slice-table.ts'

/**
 * Rarity of a word of a small vocabulary in bits: -log2 of its smoothed share. A new word is as rare as all words seen
 * once together (Good-Turing), so new words are not surprising where they are common.
 */
export class Rarity {
  readonly words: SliceTable
  readonly counts: Float64Array
  #total = 0
  #once = 0
  /** Bits by id + 1, so that id -1 has index 0; absent while learning. */
  #frozen: Float64Array | undefined

  constructor(capacity: number) {
    this.words = new SliceTable(capacity)
    this.counts = new Float64Array(capacity)
  }

  /** Number of observations. */
  get total(): number {
    return this.#total
  }

  find(text: string, start = 0, end = text.length): number {
    return this.words.find(text, start, end)
  }

  /** True if the word with this id was observed. */
  has(id: number): boolean {
    return id >= 0 && this.counts[id] > 0
  }

  /** Bits of the word with this id; -1 is any new word. */
  bits(id: number): number {
    if (this.#frozen !== undefined) return this.#frozen[id + 1]
    return this.#bits(id)
  }

  /** Stops learning and computes the bits of every word. */
  freeze(): void {
    this.#frozen = Float64Array.from({ length: this.counts.length + 1 }, (_, i) => this.#bits(i - 1))
  }

  #bits(id: number): number {
    const seen = id < 0 ? 0 : this.counts[id]
    return -Math.log2((seen > 0 ? seen : (this.#once + 1) / 2) / (this.#total + 1))
  }

  learn(text: string, start = 0, end = text.length): void {
    this.add(this.words.intern(text, start, end))
  }

  /** Counts a word by id. Words beyond the capacity (-1) only increase the total. */
  add(id: number): void {
    this.#total++
    if (id < 0) return
    const count = ++this.counts[id]
    if (count === 1) this.#once++
    else if (count === 2) this.#once--
  }

  snapshot(): { words: readonly string[]; counts: Float64Array; total: number } {
    return { words: this.words.texts(), counts: this.counts.slice(0, this.words.size), total: this.#total }
  }

  static restore(capacity: number, snapshot: ReturnType<Rarity['snapshot']>): Rarity {
    const rarity = new Rarity(capacity)
    for (const word of snapshot.words) rarity.words.intern(word)
    rarity.counts.set(snapshot.counts)
    rarity.#total = snapshot.total
    for (const count of snapshot.counts) if (count === 1) rarity.#once++
    return rarity
  }
}
