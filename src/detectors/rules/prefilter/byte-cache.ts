/** Differs between processes, so that nobody who writes log lines can prepare collisions. */
const SEED = (Math.random() * 0x7fffffff) | 0
const MAX_LENGTH = 1024
/** Bytes of keys for each slot: of values longer on average, fewer are remembered. */
const BYTES_PER_SLOT = 128

const HASH = 0
const LENGTH = 1
const AT = 2
const LAP = 3
const WIDTH = 4

/**
 * What is known of byte strings that repeat: User-Agents, referrers, targets. A table of two ways without chains: a new
 * key takes the first way and pushes the one before into the second. The keys lie in a ring that overwrites its oldest.
 * So memory and the cost of a look-up are bounded whatever comes. A value longer than `MAX_LENGTH` is not kept.
 */
export class ByteCache<T> {
  readonly #mask: number
  /** Four numbers a slot, so that both ways lie in one line of the processor's cache: see HASH, LENGTH, AT, LAP. */
  readonly #slots: Int32Array
  readonly #values: (T | undefined)[]
  readonly #ring: DataView
  #at = 0
  /** How often the ring was begun anew. */
  #lap = 0

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.#mask = capacity - 2
    this.#slots = new Int32Array(capacity * WIDTH).fill(-1)
    this.#values = new Array<undefined>(capacity).fill(undefined)
    this.#ring = new DataView(new ArrayBuffer(capacity * BYTES_PER_SLOT))
  }

  get(bytes: DataView, start: number, end: number): T | undefined {
    const hash = hashBytes(bytes, start, end)
    const way = hash & this.#mask
    if (this.#holds(way * WIDTH, hash, bytes, start, end)) return this.#values[way]
    return this.#holds((way + 1) * WIDTH, hash, bytes, start, end) ? this.#values[way + 1] : undefined
  }

  set(bytes: DataView, start: number, end: number, value: T): void {
    const length = end - start
    if (length > MAX_LENGTH) return
    const hash = hashBytes(bytes, start, end)
    const way = hash & this.#mask
    const slot = way * WIDTH
    this.#slots.copyWithin(slot + WIDTH, slot, slot + WIDTH)
    this.#values[way + 1] = this.#values[way]
    if (this.#at + length > this.#ring.byteLength) {
      this.#at = 0
      this.#lap++
    }
    for (let i = 0; i < length; i++) this.#ring.setUint8(this.#at + i, bytes.getUint8(start + i))
    this.#slots[slot + HASH] = hash
    this.#slots[slot + LENGTH] = length
    this.#slots[slot + AT] = this.#at
    this.#slots[slot + LAP] = this.#lap
    this.#values[way] = value
    this.#at += length
  }

  #holds(slot: number, hash: number, bytes: DataView, start: number, end: number): boolean {
    const slots = this.#slots
    const length = end - start
    if (slots[slot + HASH] !== hash || slots[slot + LENGTH] !== length) return false
    const at = slots[slot + AT]
    const lap = slots[slot + LAP]
    // A key of the lap before stands until the ring comes by again.
    if (lap !== this.#lap && (lap !== this.#lap - 1 || at < this.#at)) return false
    const ring = this.#ring
    let i = 0
    for (; i + 3 < length; i += 4) if (ring.getInt32(at + i, true) !== bytes.getInt32(start + i, true)) return false
    for (; i < length; i++) if (ring.getUint8(at + i) !== bytes.getUint8(start + i)) return false
    return true
  }
}

/** MurmurHash3 (32 bits), seeded. */
function hashBytes(bytes: DataView, start: number, end: number): number {
  let hash = SEED ^ (end - start)
  let i = start
  for (; i + 3 < end; i += 4) hash = round(hash, bytes.getInt32(i, true))
  let rest = 0
  for (; i < end; i++) rest = (rest << 8) | bytes.getUint8(i)
  hash = round(hash, rest)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function round(hash: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51)
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}
