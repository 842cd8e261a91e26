import { PAD } from '../vocabulary.ts'
import { windowOf } from './windows.ts'

/** One window of a session. The model sees `tokens[i]` and predicts `tokens[i + 1]`; predictions from i = `from` on count. */
export interface Piece {
  readonly tokens: Int32Array
  readonly from: number
}

/** A training batch. All arrays are [rows, context] flat; a row may hold several pieces. */
export interface PackedBatch {
  readonly tokens: Int32Array
  /** Position of each token in its piece. */
  readonly positions: Int32Array
  /** Number of the piece of each token; -1 for padding. */
  readonly segments: Int32Array
  /** The token to predict at each position. */
  readonly targets: Int32Array
  /** 1 if the prediction counts, else 0. */
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

/** Cuts a session into windows. `session`: tokens, BOS first. */
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
 * Fills a batch with pieces from index `first` on. Each goes into the first row with room; the first piece without room ends
 * the batch. Unused positions are padding.
 * @param place is told the offset of each piece in the flat arrays
 * @returns the number of pieces taken
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
