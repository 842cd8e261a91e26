/**
 * A session longer than the context is seen through windows that start at multiples of `context - overlap`, counted
 * from the session's first token. Which window scores a token depends on its place in the session alone, so the score
 * does not depend on how the log was cut into blocks; and it has at least `overlap` predecessors in sight, or all.
 */
export interface WindowPlace {
  /** Place in the session of the first token that is seen. */
  readonly start: number
  /** Place of the first token that is predicted by this window and not by the one before. */
  readonly from: number
}

/** The window that predicts the token at `place` >= 1 (place 0 is BOS, which is given). */
export function windowOf(place: number, context: number, overlap: number): WindowPlace {
  const stride = context - overlap
  const index = Math.max(0, Math.ceil((place - context) / stride))
  const start = index * stride
  return { start, from: index === 0 ? 1 : start + overlap + 1 }
}
