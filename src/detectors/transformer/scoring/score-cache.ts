import type { Piece } from '../sessions/packing.ts'

/** A piece and its scores; undefined until they are computed. */
export interface Remembered {
  readonly piece: Piece
  scores: Float32Array | undefined
}

/**
 * Caches the scores of pieces, because sessions begin alike and those of programs repeat. Direct-mapped: the hash of a piece
 * gives its only slot, and a new piece replaces the old one there.
 */
export class ScoreCache {
  readonly #places: (Remembered | undefined)[]

  /** `places`: number of slots, a power of two; 0 disables the cache. */
  constructor(places: number) {
    this.#places = new Array<Remembered | undefined>(places).fill(undefined)
  }

  /** Returns the entry of an equal piece, or a new one without scores. */
  of(piece: Piece): Remembered {
    const places = this.#places
    const place = hashOf(piece) & (places.length - 1)
    const known = places[place]
    if (known !== undefined && isSame(known.piece, piece)) return known
    if (places.length === 0) return { piece, scores: undefined }
    // Copy the tokens: a subarray would keep the whole array alive.
    const fresh = { piece: { ...piece, tokens: piece.tokens.slice() }, scores: undefined }
    places[place] = fresh
    return fresh
  }
}

function isSame(a: Piece, b: Piece): boolean {
  const { length } = a.tokens
  if (a.from !== b.from || length !== b.tokens.length) return false
  for (let i = 0; i < length; i++) if (a.tokens[i] !== b.tokens[i]) return false
  return true
}

function hashOf({ tokens, from }: Piece): number {
  let hash = from
  for (let i = 0; i < tokens.length; i++) {
    hash = Math.imul(hash ^ tokens[i], 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash
}
