import { copySlice, mix } from '../core/columns/slice-table.ts'

/** Constants of FNV-1a: start with FNV_START; for each code, hash = (hash ^ code) * FNV_PRIME. */
export const FNV_START = 0x811c9dc5 | 0
export const FNV_PRIME = 0x01000193

/** Differs between processes, so that nobody can prepare collisions. Ids do not depend on it. */
const SEED = (Math.random() * 0x7fffffff) | 0

/** Interns masked tokens, which are character codes in a buffer; a string is created only for a new one. */
export class TokenTable {
  readonly capacity: number
  readonly #texts: string[] = []
  readonly #hashes: Uint32Array
  readonly #next: Int32Array
  readonly #heads: Int32Array
  readonly #mask: number

  constructor(capacity: number) {
    this.capacity = capacity
    let buckets = 16
    while (buckets < capacity * 2) buckets *= 2
    this.#mask = buckets - 1
    this.#hashes = new Uint32Array(capacity)
    this.#next = new Int32Array(capacity)
    this.#heads = new Int32Array(buckets).fill(-1)
  }

  get size(): number {
    return this.#texts.length
  }

  text(id: number): string {
    return this.#texts[id]
  }

  texts(): readonly string[] {
    return this.#texts
  }

  /** The id of codes[from, to), with its FNV-1a hash `fnv`; -1 if it is new and not added. */
  intern(codes: Uint16Array, from: number, to: number, fnv: number, add: boolean): number {
    const hash = mix(fnv ^ SEED)
    for (let id = this.#heads[hash & this.#mask]; id >= 0; id = this.#next[id]) {
      if (this.#hashes[id] !== hash) continue
      const key = this.#texts[id]
      if (key.length !== to - from) continue
      let i = 0
      while (i < key.length && key.charCodeAt(i) === codes[from + i]) i++
      if (i === key.length) return id
    }
    return add ? this.#add(String.fromCharCode(...codes.subarray(from, to)), hash) : -1
  }

  /** Like `intern`, for text[from, to). */
  internSlice(text: string, from: number, to: number, fnv: number, add: boolean): number {
    const hash = mix(fnv ^ SEED)
    for (let id = this.#heads[hash & this.#mask]; id >= 0; id = this.#next[id]) {
      if (this.#hashes[id] !== hash) continue
      const key = this.#texts[id]
      if (key.length !== to - from) continue
      let i = 0
      while (i < key.length && key.charCodeAt(i) === text.charCodeAt(from + i)) i++
      if (i === key.length) return id
    }
    return add ? this.#add(copySlice(text, from, to), hash) : -1
  }

  /** Like `intern`, for a whole text, which is added. */
  internText(text: string): number {
    let fnv = FNV_START
    for (let i = 0; i < text.length; i++) fnv = Math.imul(fnv ^ text.charCodeAt(i), FNV_PRIME)
    return this.internSlice(text, 0, text.length, fnv, true)
  }

  #add(text: string, hash: number): number {
    if (this.#texts.length === this.capacity) return -1
    const id = this.#texts.push(text) - 1
    const bucket = hash & this.#mask
    this.#hashes[id] = hash
    this.#next[id] = this.#heads[bucket]
    this.#heads[bucket] = id
    return id
  }
}
