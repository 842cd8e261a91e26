/** Differs between processes, so that nobody who writes log lines can prepare collisions. */
const SEED = (Math.random() * 0x7fffffff) | 0
const MAX_LENGTH = 1024
/** Bytes of keys for each slot: of values longer on average, fewer are remembered. */
const BYTES_PER_SLOT = 128

/**
 * What is known of byte strings that repeat: User-Agents, referrers, targets. A table of two ways without chains: a new
 * key takes the first way and pushes the one before into the second. The keys lie in a ring that overwrites its oldest.
 * So memory and the cost of a look-up are bounded whatever comes. A value longer than `MAX_LENGTH` is not kept.
 */
export class ByteCache<T> {
  readonly #mask: number
  readonly #hashes: Int32Array
  readonly #lengths: Int32Array
  /** Where in the ring a key begins, counted from the beginning of time. */
  readonly #origins: Float64Array
  readonly #values: (T | undefined)[]
  readonly #ring: DataView
  #written = 0

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.#mask = capacity - 2
    this.#hashes = new Int32Array(capacity)
    this.#lengths = new Int32Array(capacity).fill(-1)
    this.#origins = new Float64Array(capacity)
    this.#values = new Array<undefined>(capacity).fill(undefined)
    this.#ring = new DataView(new ArrayBuffer(capacity * BYTES_PER_SLOT))
  }

  get(bytes: DataView, start: number, end: number): T | undefined {
    const hash = hashBytes(bytes, start, end)
    const slot = hash & this.#mask
    if (this.#hashes[slot] === hash && this.#holds(slot, bytes, start, end)) return this.#values[slot]
    const second = slot + 1
    return this.#hashes[second] === hash && this.#holds(second, bytes, start, end) ? this.#values[second] : undefined
  }

  set(bytes: DataView, start: number, end: number, value: T): void {
    const length = end - start
    if (length > MAX_LENGTH) return
    const hash = hashBytes(bytes, start, end)
    const slot = hash & this.#mask
    this.#hashes[slot + 1] = this.#hashes[slot]
    this.#lengths[slot + 1] = this.#lengths[slot]
    this.#origins[slot + 1] = this.#origins[slot]
    this.#values[slot + 1] = this.#values[slot]
    this.#hashes[slot] = hash
    this.#lengths[slot] = length
    this.#values[slot] = value
    const size = this.#ring.byteLength
    const room = size - (this.#written % size)
    if (room < length) this.#written += room
    const at = this.#written % size
    for (let i = 0; i < length; i++) this.#ring.setUint8(at + i, bytes.getUint8(start + i))
    this.#origins[slot] = this.#written
    this.#written += length
  }

  #holds(slot: number, bytes: DataView, start: number, end: number): boolean {
    const length = end - start
    const origin = this.#origins[slot]
    const size = this.#ring.byteLength
    if (this.#lengths[slot] !== length || origin + size < this.#written) return false
    const ring = this.#ring
    const at = origin % size
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
