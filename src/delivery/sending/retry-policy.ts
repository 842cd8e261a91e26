import type { Random } from '../../core/random.ts'

/** Retries are limited by time, not by count: a weekend's outage must not cost a finding. */
export interface RetryPolicy {
  /** Mean of the first wait is half of this, ms. */
  readonly baseMs: number
  /** Longest wait between two tries, ms. */
  readonly capMs: number
  /** An item that was first tried this long ago and still fails is given up (to the dead letters), ms. */
  readonly giveUpMs: number
}

export const DEFAULT_RETRY: RetryPolicy = { baseMs: 1_000, capMs: 300_000, giveUpMs: 72 * 3_600_000 }

/**
 * Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", 2015): uniform in
 * [0, min(cap, base * 2^failures)). What the receiver asked for is a floor, to which the jitter of the first try is
 * added, so that many hosts that were told the same second do not return in the same millisecond.
 * @param failures consecutive failures so far, 0 for the first
 */
export function backoffMs(policy: RetryPolicy, failures: number, random: Random, askedMs?: number): number {
  if (askedMs !== undefined) return Math.ceil(askedMs + random() * policy.baseMs)
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures, 30))
  return Math.ceil(random() * ceiling)
}
