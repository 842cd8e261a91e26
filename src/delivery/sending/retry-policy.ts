import type { FailureReason } from '../../core/documents/failure.ts'
import type { Random } from '../../core/random.ts'
import type { Burial, Queued } from '../../store/delivery/queue.ts'
import { bounded } from '../sink/classify.ts'

/** Time limits retries, not their number: a receiver that is down for a weekend must not cost a finding. */
export interface RetryPolicy {
  /** Twice the mean of the first wait, ms. */
  readonly baseMs: number
  /** Longest wait between two attempts, ms. */
  readonly capMs: number
  /** An item that still fails this long after its first attempt becomes a dead letter, ms. */
  readonly giveUpMs: number
}

export const DEFAULT_RETRY: RetryPolicy = { baseMs: 1_000, capMs: 300_000, giveUpMs: 72 * 3_600_000 }

/**
 * Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", 2015): uniform in
 * [0, min(cap, base * 2^failures)). If the receiver asks for a wait, that is the minimum, plus the jitter of a first
 * attempt: otherwise all hosts that got the same answer would return in the same millisecond.
 * @param failures consecutive failures so far, 0 for the first
 */
export function backoffMs(policy: RetryPolicy, failures: number, random: Random, askedMs?: number): number {
  if (askedMs !== undefined) return Math.ceil(askedMs + random() * policy.baseMs)
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures, 30))
  return Math.ceil(random() * ceiling)
}

/** An item is given up after at least so many attempts that are spread over `giveUpMs`. */
const LEAST_ATTEMPTS = 12

/**
 * How much of the time since the last request counts for no item, ms. A receiver cannot fail while nothing is sent:
 * because the program was stopped, the computer slept, or its clock was set.
 */
export function untriedMs({ giveUpMs }: RetryPolicy, lastRequestAt: number, now: number): number {
  return Math.max(0, now - lastRequestAt - Math.ceil(giveUpMs / LEAST_ATTEMPTS))
}

/** Separates the failed items that are retried from those whose time is over. */
export function splitExpired<Item extends Queued>(
  items: readonly Item[],
  failure: { readonly reason: FailureReason | null; readonly detail: string | null },
  { giveUpMs }: RetryPolicy,
  now: number,
): { readonly retry: readonly Item[]; readonly dead: readonly Burial<Item>[] } {
  const isExpired = (item: Item) => now - item.firstTriedAt >= giveUpMs
  const reason = failure.reason ?? 'unexpected'
  const detail = `given up after ${Math.round(giveUpMs / 3_600_000)} h: ${bounded(failure.detail)}`
  return {
    retry: items.filter((item) => !isExpired(item)),
    dead: items.filter(isExpired).map((item) => ({ item, reason, detail })),
  }
}
