import { mix } from '../core/columns/slice-table.ts'
import { MAX_TOKENS } from './masks.ts'

const SLOTS = 2048

/**
 * Caches the template ids of recent token sequences, one per slot. It saves the tree search for the many lines that
 * differ only in masked values. An entry is valid only for the version it was stored with.
 */
export class RecentLines {
  readonly #tokens = new Int32Array(SLOTS * MAX_TOKENS)
  readonly #counts = new Uint16Array(SLOTS)
  readonly #answers = new Int32Array(SLOTS)
  readonly #versions = new Int32Array(SLOTS).fill(-1)
  #slot = 0

  /** The cached id for tokens[0, count), or -1; then `remember` stores the id for the same tokens. */
  find(tokens: Int32Array, count: number, version: number): number {
    let hash = count
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ tokens[i], 0x01000193)
    const slot = mix(hash) & (SLOTS - 1)
    const base = slot * MAX_TOKENS
    this.#slot = slot
    if (this.#versions[slot] === version && this.#counts[slot] === count) {
      let i = 0
      while (i < count && this.#tokens[base + i] === tokens[i]) i++
      if (i === count) return this.#answers[slot]
    }
    for (let i = 0; i < count; i++) this.#tokens[base + i] = tokens[i]
    this.#counts[slot] = count
    this.#versions[slot] = -1
    return -1
  }

  remember(answer: number, version: number): void {
    this.#answers[this.#slot] = answer
    this.#versions[this.#slot] = version
  }
}
