import type { Random } from '../../../core/random.ts'
import { FIRST_TEMPLATE, UNK } from '../vocabulary.ts'

/** Farthest that a displaced template moves. */
const REACH = 4

/**
 * A copy of a session's tokens in which some templates have moved by a few places. Concurrent writers reach the log in
 * an order that is partly chance; a model that saw only the orders of one training set takes each new one for an
 * anomaly, and needs so high a threshold that it overlooks steps that are missing or do not belong.
 */
export function displaced(tokens: Int32Array, share: number, random: Random): Int32Array {
  const copy = tokens.slice()
  for (let from = 1; from < copy.length; from++) {
    if (copy[from] < UNK || random() >= share) continue
    let to = from + Math.floor(random() * (2 * REACH + 1)) - REACH
    to = Math.max(1, Math.min(copy.length - 1, to))
    // The end of the session stays where it is.
    if (copy[to] < UNK) continue
    const moved = copy[from]
    if (to > from) copy.copyWithin(from, from + 1, to + 1)
    else copy.copyWithin(to + 1, to, from)
    copy[to] = moved
  }
  return copy
}

/** Replaces some seen templates by UNK, so that the model knows what a session with an unknown step goes on like. */
export function forget(tokens: Int32Array, share: number, random: Random): void {
  for (let i = 0; i < tokens.length; i++) if (tokens[i] >= FIRST_TEMPLATE && random() < share) tokens[i] = UNK
}
