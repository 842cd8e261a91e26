import type { FailureReason } from '../../core/documents/failure.ts'

/**
 * The breaker of a sink, as a function of what is stored about it, so that it survives a restart for nothing.
 *
 * - closed: batches of full size flow. It opens when `OPENS_AFTER` deliveries in a row failed.
 * - open: nothing is sent until the back-off is over; then it is half open.
 * - half open: one item is sent as a probe. Success closes it; failure opens it for a longer back-off.
 *
 * A receiver that says "slow down" is alive: `rate_limited` waits but never opens the breaker.
 */
export type BreakerState = 'closed' | 'open' | 'half_open'

export const OPENS_AFTER = 5

export function breakerState(
  gate: { readonly failures: number; readonly notBefore: number; readonly reason: FailureReason | null },
  now: number,
): BreakerState {
  if (gate.failures < OPENS_AFTER || gate.reason === 'rate_limited') return 'closed'
  return now < gate.notBefore ? 'open' : 'half_open'
}
