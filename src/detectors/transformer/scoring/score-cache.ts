import type { Piece } from '../sessions/packing.ts'

/** A piece and its scores, once they are known. */
export interface Remembered {
  readonly piece: Piece
  scores: Float32Array | undefined
}

/**
 * The scores of pieces that were scored lately: sessions begin alike, and those of programs repeat themselves. Each piece
 * has one place, by its hash, where it takes that of another.
 */
export class ScoreCache {
  readonly #places: (Remembered | undefined)[]

  /** A power of two of pieces; 0 remembers none. */
  constructor(places: number) {
    this.#places = new Array<Remembered | undefined>(places).fill(undefined)
  }

  /** What is remembered of a piece like this one, from now on if nothing was. */
  of(piece: Piece): Remembered {
    const places = this.#places
    const place = hashOf(piece) & (places.length - 1)
    const known = places[place]
    if (known !== undefined && isSame(known.piece, piece)) return known
    if (places.length === 0) return { piece, scores: undefined }
    // A copy, because a part of an array would keep all of it.
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
