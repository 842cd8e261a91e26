import type { Piece } from './packing.ts'

/** The scores of pieces that were scored lately; the least recently used give way. */
export class ScoreCache {
  readonly #capacity: number
  readonly #scores = new Map<string, Float32Array>()

  /** A capacity of 0 remembers nothing. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): Float32Array | undefined {
    const scores = this.#scores.get(key)
    if (scores !== undefined) {
      this.#scores.delete(key)
      this.#scores.set(key, scores)
    }
    return scores
  }

  put(key: string, scores: Float32Array): void {
    if (this.#capacity === 0) return
    this.#scores.set(key, scores)
    if (this.#scores.size > this.#capacity) this.#scores.delete(this.#scores.keys().next().value!)
  }
}

/** The bytes of the tokens themselves: as exact as the tokens, and cheaper to make than their digits. */
export function keyOf({ tokens, from }: Piece): string {
  return `${from}:${Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength).toString('latin1')}`
}
