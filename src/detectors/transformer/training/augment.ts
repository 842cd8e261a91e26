import type { Random } from '../../../core/random.ts'
import { FIRST_TEMPLATE, UNK } from '../vocabulary.ts'

/** Maximum number of places that a template moves. */
const REACH = 4

/**
 * Copies the tokens of a session and moves some templates by a few places. The order of concurrent log writers is partly
 * random. Without this augmentation, a model takes every order that was not in the training set for an anomaly.
 * @param share of the templates that move, 0 to 1
 */
export function displaced(tokens: Int32Array, share: number, random: Random): Int32Array {
  const copy = tokens.slice()
  for (let from = 1; from < copy.length; from++) {
    if (copy[from] < UNK || random() >= share) continue
    let to = from + Math.floor(random() * (2 * REACH + 1)) - REACH
    to = Math.max(1, Math.min(copy.length - 1, to))
    // BOS and EOS stay in place.
    if (copy[to] < UNK) continue
    const moved = copy[from]
    if (to > from) copy.copyWithin(from, from + 1, to + 1)
    else copy.copyWithin(to + 1, to, from)
    copy[to] = moved
  }
  return copy
}

/** Replaces a share of the templates by UNK in place, so that the model learns to continue after an unknown template. */
export function forget(tokens: Int32Array, share: number, random: Random): void {
  for (let i = 0; i < tokens.length; i++) if (tokens[i] >= FIRST_TEMPLATE && random() < share) tokens[i] = UNK
}
