import type { FailureReason } from '../../core/documents/failure.ts'

/**
 * State of a sink's circuit breaker. It is computed from the stored state of the sink, so it survives a restart.
 *
 * - closed: the lane sends full batches. The breaker opens after `OPENS_AFTER` failures in a row.
 * - open: the lane sends nothing until the back-off ends; then the breaker is half open.
 * - half open: the lane sends one item as a probe. A success closes the breaker; a failure opens it for longer.
 *
 * `rate_limited` never opens the breaker: the receiver works and only asks for a pause.
 */
export type BreakerState = 'closed' | 'open' | 'half_open'

const OPENS_AFTER = 5

export function breakerState(
  gate: { readonly failures: number; readonly notBefore: number; readonly reason: FailureReason | null },
  now: number,
): BreakerState {
  if (gate.failures < OPENS_AFTER || gate.reason === 'rate_limited') return 'closed'
  return now < gate.notBefore ? 'open' : 'half_open'
}
