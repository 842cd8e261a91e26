/**
 * A column's texts as small numbers: within one epoch equal numbers are equal texts. What depends on a text alone is
 * worked out once for each number instead of once for each event.
 */
export interface Ids {
  /** Another one says that the numbers began anew, and that what is kept by number is void. No two dictionaries share one. */
  readonly epoch: number
  /** All numbers are below this; it grows within an epoch. */
  readonly size: number
  /** Of each event; -1 for a text that has none and is to be looked at by itself. */
  readonly of: Int32Array
}

/** Texts and bytes of text after which the numbers begin anew. */
const TEXTS = 65_536
const BYTES = 8 << 20
/** Longer texts get no number. */
const LONGEST = 1024
/** Places that are looked at for a text: who fills buckets on purpose gets no number. */
const PROBES = 128
const SEED = (Math.random() * 0x7fffffff) | 0

// Fields of an entry in the table, which lie side by side in one line of the cache.
const ENTRY = 4
const ID = 0
const HASH = 1
const LENGTH = 2
const WORDS = 3

/**
 * Numbers for the texts of one column, from block to block. Four bytes at a time are hashed, kept and compared, and no
 * string is cut. Memory is bounded: when it has seen too many texts it begins anew with the next block.
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
    // Two hashes side by side, so that the processor need not wait for one word before it takes the next.
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

  /** The number of the text in `#text`, given now if it is new. */
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
