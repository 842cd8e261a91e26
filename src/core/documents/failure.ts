/** Why a delivery failed, whatever the receiver. */
export const FAILURE_REASONS = [
  'network',
  'timeout',
  'rate_limited',
  'server_error',
  'unauthorized',
  'misconfigured',
  'too_large',
  'invalid_event',
  'unexpected',
] as const
/** The closed set of reasons, which is also the metric label. */
export type FailureReason = (typeof FAILURE_REASONS)[number]
