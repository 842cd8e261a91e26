import type { FailureReason } from '../../core/documents/failure.ts'
import type { Gate } from '../../store/delivery/queue.ts'
import { type Rate, refill, waitMs } from './rate-limit.ts'

/**
 * How the stored state of a sink (`Gate`) changes. These functions are pure; the lane stores the result together with
 * the outcome of the delivery, so a restart forgets neither a back-off nor a rate limit.
 */

/** Ms until the sink may send: the rest of the back-off, or the wait for a token; 0 if it may send now. */
export function waitOf(gate: Gate, rate: Rate | undefined, now: number): number {
  if (now < gate.notBefore) return gate.notBefore - now
  return rate ? waitMs(bucketOf(gate, rate, now), rate) : 0
}

/** Remembers when the request was made, and takes a token for it. Halving a batch may overdraw the bucket; later requests then wait longer. */
export function withTokenSpent(gate: Gate, rate: Rate | undefined, now: number): Gate {
  if (!rate) return { ...gate, tokensAt: now }
  const { tokens, at } = bucketOf(gate, rate, now)
  return { ...gate, tokens: tokens - 1, tokensAt: at }
}

/** After a successful request that delivered `items`. */
export function afterSuccess(gate: Gate, items: number, now: number): Gate {
  const deliveredAt = items > 0 ? now : gate.deliveredAt
  const deliveredTotal = gate.deliveredTotal + items
  return { ...gate, failures: 0, notBefore: 0, reason: null, detail: null, deliveredAt, deliveredTotal }
}

/** After a failed request: nothing is sent before `notBefore`. */
export function afterFailure(gate: Gate, reason: FailureReason, detail: string, notBefore: number): Gate {
  return { ...gate, failures: gate.failures + 1, notBefore, reason, detail }
}

function bucketOf(gate: Gate, rate: Rate, now: number) {
  return refill({ tokens: gate.tokens, at: gate.tokensAt }, rate, now)
}
