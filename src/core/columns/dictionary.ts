/**
 * The texts of a column as small integers. Within one epoch, equal numbers mean equal texts, so a stage can compute a
 * result once per number instead of once per event.
 */
export interface Ids {
  /**
   * When it changes, numbering has restarted and everything cached by number is invalid. It is unique across
   * dictionaries.
   */
  readonly epoch: number
  /** Exclusive upper bound of the numbers; it only grows within an epoch. */
  readonly size: number
  /** The number of each event's text; -1 if the text has no number and must be read itself. */
  readonly of: Int32Array
}

/** Numbers of texts and of text bytes at which numbering restarts. */
const TEXTS = 65_536
const BYTES = 8 << 20
/** Longer texts get no number. */
const LONGEST = 1024
/** Most slots probed for a text. After that it gets no number, which bounds the cost of prepared hash collisions. */
const PROBES = 128
const SEED = (Math.random() * 0x7fffffff) | 0

// Fields of a table entry, adjacent so that they share a cache line.
const ENTRY = 4
const ID = 0
const HASH = 1
const LENGTH = 2
const WORDS = 3

/**
 * Numbers the texts of one column across blocks. Texts are hashed, stored and compared four bytes at a time, without
 * creating strings. Memory is bounded: after too many texts, numbering restarts with the next block.
 */
export class Dictionary {
  #epoch = Math.random()
  #size = 0
  #mask = 0
  #table = new Int32Array(0)
  #words = new Int32Array(1024)
  #used = 0
  readonly #text = new Int32Array(LONGEST / 4 + 1)

  /** The numbers of the slices bytes[starts[i], ends[i]). */
  encode(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array): Ids {
    if (this.#mask === 0 || this.#size >= TEXTS || this.#used * 4 >= BYTES) this.#beginAnew()
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const of = new Int32Array(starts.length)
    for (let i = 0; i < of.length; i++) of[i] = this.#number(view, starts[i], ends[i])
    return { epoch: this.#epoch, size: this.#size, of }
  }

  #beginAnew(): void {
    this.#epoch = Math.random()
    this.#size = 0
    this.#used = 0
    this.#allocate(1024)
  }

  #number(view: DataView, start: number, end: number): number {
    const length = end - start
    if (length > LONGEST) return -1
    const text = this.#text
    // Two independent hashes, so that the processor can compute them in parallel.
    let even = SEED
    let odd = length
    let words = 0
    let at = start
    for (; at + 7 < end; at += 8) {
      const first = view.getInt32(at, true)
      const second = view.getInt32(at + 4, true)
      text[words] = first
      text[words + 1] = second
      words += 2
      even = step(even, first)
      odd = step(odd, second)
    }
    if (at + 3 < end) {
      const word = view.getInt32(at, true)
      text[words++] = word
      even = step(even, word)
      at += 4
    }
    let rest = 0
    for (; at < end; at++) rest = (rest << 8) | view.getUint8(at)
    text[words++] = rest
    odd = step(odd, rest)
    return this.#find(step(even, (odd << 7) | (odd >>> 25)), length, words)
  }

  /** The number of the text in `#text`; a new text gets the next one. */
  #find(hash: number, length: number, words: number): number {
    const table = this.#table
    for (let probe = 0; probe < PROBES; probe++) {
      const at = ((hash + probe) & this.#mask) * ENTRY
      const id = table[at + ID]
      if (id < 0) return this.#add(at, hash, length, words)
      if (table[at + HASH] === hash && table[at + LENGTH] === length && this.#equals(table[at + WORDS], words))
        return id
    }
    return -1
  }

  #equals(from: number, words: number): boolean {
    for (let i = 0; i < words; i++) if (this.#words[from + i] !== this.#text[i]) return false
    return true
  }

  #add(at: number, hash: number, length: number, words: number): number {
    if (this.#used + words > this.#words.length) {
      const more = new Int32Array(this.#words.length * 2)
      more.set(this.#words)
      this.#words = more
    }
    this.#words.set(this.#text.subarray(0, words), this.#used)
    this.#put(at, this.#size, hash, length, this.#used)
    this.#used += words
    const id = this.#size++
    if (this.#size * 2 > this.#mask) this.#grow()
    return id
  }

  #put(at: number, id: number, hash: number, length: number, words: number): void {
    const table = this.#table
    table[at + ID] = id
    table[at + HASH] = hash
    table[at + LENGTH] = length
    table[at + WORDS] = words
  }

  #allocate(places: number): void {
    this.#mask = places - 1
    this.#table = new Int32Array(places * ENTRY).fill(-1)
  }

  #grow(): void {
    const before = this.#table
    this.#allocate((this.#mask + 1) * 2)
    for (let from = 0; from < before.length; from += ENTRY) {
      if (before[from + ID] < 0) continue
      let place = before[from + HASH] & this.#mask
      while (this.#table[place * ENTRY + ID] >= 0) place = (place + 1) & this.#mask
      this.#put(place * ENTRY, before[from + ID], before[from + HASH], before[from + LENGTH], before[from + WORDS])
    }
  }
}

function step(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e3779b1)
  return h ^ (h >>> 15)
}
