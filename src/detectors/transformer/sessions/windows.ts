/**
 * A session longer than the context is cut into windows that start at multiples of `context - overlap`. The window of a
 * token depends on its place in the session alone, so its score does not depend on block boundaries. Every token sees at
 * least `overlap` previous tokens, or all of them.
 */
export interface WindowPlace {
  /** Place of the first token in the window. */
  readonly start: number
  /** Place of the first token that this window predicts; earlier ones belong to the previous window. */
  readonly from: number
}

/** The window that predicts the token at `place`, 1 or more; BOS at place 0 is never predicted. */
export function windowOf(place: number, context: number, overlap: number): WindowPlace {
  const stride = context - overlap
  const index = Math.max(0, Math.ceil((place - context) / stride))
  const start = index * stride
  return { start, from: index === 0 ? 1 : start + overlap + 1 }
}
