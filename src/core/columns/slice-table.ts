import { boundedKey, LONGEST_KEY } from './bounded-key.ts'

/**
 * Interns slices: maps text[start, end) to a small integer without creating a string for a known key. Ids follow the
 * order of first occurrence. They do not depend on the hash, whose seed differs between processes so that nobody who
 * writes log lines can prepare collisions.
 */
const SEED = (Math.random() * 0x7fffffff) | 0

/** Seeded 32-bit MurmurHash3 over character codes, four at a time. */
export function hashSlice(text: string, start: number, end: number, seed: number): number {
  let hash = seed
  let i = start
  for (; i + 3 < end; i += 4) {
    const word =
      text.charCodeAt(i) |
      (text.charCodeAt(i + 1) << 8) |
      (text.charCodeAt(i + 2) << 16) |
      (text.charCodeAt(i + 3) << 24)
    hash = round(hash, word)
  }
  let rest = end - start
  for (; i < end; i++) rest = (rest << 8) ^ text.charCodeAt(i)
  return mix(round(hash, rest) ^ (end - start))
}

function round(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/** The finalizer of MurmurHash3: every input bit affects every output bit. */
export function mix(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export class SliceTable {
  readonly capacity: number
  readonly #mask: number
  readonly #heads: Int32Array
  readonly #next: Int32Array
  readonly #hashes: Uint32Array
  readonly #texts: string[] = []

  /** Holds at most `capacity` keys. */
  constructor(capacity: number) {
    this.capacity = capacity
    let buckets = 16
    while (buckets < capacity * 2) buckets *= 2
    this.#mask = buckets - 1
    this.#heads = new Int32Array(buckets).fill(-1)
    this.#next = new Int32Array(capacity)
    this.#hashes = new Uint32Array(capacity)
  }

  get size(): number {
    return this.#texts.length
  }

  /** The key of an id, as `boundedKey` holds it. */
  text(id: number): string {
    return this.#texts[id]
  }

  /** The keys ordered by id, for a snapshot. */
  texts(): readonly string[] {
    return this.#texts
  }

  /** The id, or -1 if the key is unknown. */
  find(text: string, start = 0, end = text.length): number {
    if (end - start > LONGEST_KEY) return this.find(boundedKey(text.slice(start, end)))
    return this.#lookup(hashSlice(text, start, end, SEED), text, start, end)
  }

  /** The id; a new key gets the next one. -1 if it is new and the table is full. */
  intern(text: string, start = 0, end = text.length): number {
    if (end - start > LONGEST_KEY) return this.intern(boundedKey(text.slice(start, end)))
    const hash = hashSlice(text, start, end, SEED)
    const known = this.#lookup(hash, text, start, end)
    if (known >= 0 || this.#texts.length === this.capacity) return known
    const id = this.#texts.length
    this.#texts.push('')
    this.#link(id, hash, copySlice(text, start, end))
    return id
  }

  /** Reassigns an id to another key, as a cache does on eviction. The new key must be unknown. */
  rename(id: number, name: string, start: number, end: number): void {
    const bucket = this.#hashes[id] & this.#mask
    if (this.#heads[bucket] === id) this.#heads[bucket] = this.#next[id]
    else {
      let before = this.#heads[bucket]
      while (this.#next[before] !== id) before = this.#next[before]
      this.#next[before] = this.#next[id]
    }
    const text = boundedKey(name.slice(start, end))
    this.#link(id, hashSlice(text, 0, text.length, SEED), copySlice(text, 0, text.length))
  }

  #link(id: number, hash: number, text: string): void {
    this.#texts[id] = text
    this.#hashes[id] = hash
    this.#next[id] = this.#heads[hash & this.#mask]
    this.#heads[hash & this.#mask] = id
  }

  #lookup(hash: number, text: string, start: number, end: number): number {
    const length = end - start
    for (let id = this.#heads[hash & this.#mask]; id >= 0; id = this.#next[id]) {
      if (this.#hashes[id] !== hash) continue
      const key = this.#texts[id]
      if (key.length !== length) continue
      let i = 0
      while (i < length && key.charCodeAt(i) === text.charCodeAt(start + i)) i++
      if (i === length) return id
    }
    return -1
  }
}

/** Copies a slice, so that it does not keep its text in memory. Works for any UTF-16 text. */
export function copySlice(text: string, start: number, end: number): string {
  return Buffer.from(text.slice(start, end), 'utf16le').toString('utf16le')
}
