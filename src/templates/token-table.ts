import { mix } from '../core/slice-table.ts'

/** Ids of masked tokens, which exist only as character codes in a scratch buffer until one is new. */
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

  /** The id of codes[from, to), whose running hash the caller has; -1 where it is new and may not be added. */
  intern(codes: Uint16Array, from: number, to: number, running: number, add: boolean): number {
    const hash = mix(running)
    const bucket = hash & this.#mask
    for (let id = this.#heads[bucket]; id >= 0; id = this.#next[id]) {
      if (this.#hashes[id] !== hash) continue
      const key = this.#texts[id]
      if (key.length !== to - from) continue
      let i = 0
      while (i < key.length && key.charCodeAt(i) === codes[from + i]) i++
      if (i === key.length) return id
    }
    if (!add || this.#texts.length === this.capacity) return -1
    const id = this.#texts.length
    this.#texts.push(String.fromCharCode(...codes.subarray(from, to)))
    this.#hashes[id] = hash
    this.#next[id] = this.#heads[bucket]
    this.#heads[bucket] = id
    return id
  }
}
