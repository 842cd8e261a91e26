import { PAD } from '../vocabulary.ts'
import { windowOf } from './windows.ts'

/** Tokens of one window: `tokens[i]` is seen, `tokens[i + 1]` is predicted, and counts from i = `from` on. */
export interface Piece {
  readonly tokens: Int32Array
  readonly from: number
}

/** Rows of positions filled with pieces; arrays are [rows, context] flat. */
export interface PackedBatch {
  readonly tokens: Int32Array
  readonly positions: Int32Array
  readonly segments: Int32Array
  readonly targets: Int32Array
  /** 1 where the prediction counts, else 0. */
  readonly counted: Float32Array
}

export function emptyBatch(rows: number, context: number): PackedBatch {
  const n = rows * context
  return {
    tokens: new Int32Array(n),
    positions: new Int32Array(n),
    segments: new Int32Array(n),
    targets: new Int32Array(n),
    counted: new Float32Array(n),
  }
}

/** The windows of a session of tokens that begins with BOS. */
export function piecesOf(session: Int32Array, context: number, overlap: number): Piece[] {
  const pieces: Piece[] = []
  for (let place = 1; place < session.length; ) {
    const { start, from } = windowOf(place, context, overlap)
    const end = Math.min(session.length, start + context + 1)
    pieces.push({ tokens: session.subarray(start, end), from: from - 1 - start })
    place = end
  }
  return pieces
}

/**
 * Fills a batch with pieces, each in the first row that has room, until one has none, and returns how many it took;
 * `place` is told where in the flat arrays. Positions left over are padding in a segment of their own.
 */
export function fillBatch(
  batch: PackedBatch,
  context: number,
  pieces: readonly Piece[],
  first: number,
  place?: (piece: number, offset: number) => void,
): number {
  const rows = batch.tokens.length / context
  const used = new Int32Array(rows)
  batch.tokens.fill(PAD)
  batch.positions.fill(0)
  batch.segments.fill(-1)
  batch.targets.fill(PAD)
  batch.counted.fill(0)

  let taken = 0
  for (let p = first; p < pieces.length; p++, taken++) {
    const { tokens, from } = pieces[p]
    const length = tokens.length - 1
    const row = used.findIndex((count) => count + length <= context)
    if (row === -1) break
    const offset = row * context + used[row]
    used[row] += length
    for (let i = 0; i < length; i++) {
      batch.tokens[offset + i] = tokens[i]
      batch.positions[offset + i] = i
      batch.segments[offset + i] = taken
      batch.targets[offset + i] = tokens[i + 1]
      batch.counted[offset + i] = i >= from ? 1 : 0
    }
    place?.(p, offset)
  }
  return taken
}
