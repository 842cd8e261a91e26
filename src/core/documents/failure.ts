import type { Help } from './help.ts'

/** Reasons for a failed delivery, the same for all receivers. */
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
/** One of the reasons; also the value of the metric label. */
export type FailureReason = (typeof FAILURE_REASONS)[number]

/** What an operator should know of each reason. `ERRORS.md` shows this table. */
export const FAILURE_HELP: Readonly<Record<FailureReason, Help>> = {
  network: {
    meaning: 'The connection failed.',
    remedy: 'Check the address, DNS and firewall. Delivery is tried again by itself.',
  },
  timeout: {
    meaning: 'The receiver did not answer within `timeout`.',
    remedy: 'Check the load of the receiver, or raise `timeout`. Delivery is tried again by itself.',
  },
  rate_limited: {
    meaning: 'The receiver takes no more for now.',
    remedy: 'Nothing, if it passes; Oddline waits as long as it is asked to. Else narrow the `route`.',
  },
  server_error: {
    meaning: 'The receiver failed.',
    remedy: 'Look into its own log. Delivery is tried again by itself.',
  },
  unauthorized: {
    meaning: 'The receiver refused the key. The queue is held.',
    remedy: 'Renew the key, then `oddline sinks check`.',
  },
  misconfigured: {
    meaning: 'The receiver is not as the configuration says: wrong path, TLS, a private address. The queue is held.',
    remedy: 'Correct the sink as the detail says, then `oddline sinks check`.',
  },
  too_large: {
    meaning: 'One finding is larger than the receiver takes.',
    remedy: 'Raise its limit, then `oddline dead-letters replay`.',
  },
  invalid_event: {
    meaning: 'The receiver refused a finding for good, such as for a mapping conflict.',
    remedy: 'Correct the receiver as the detail says, then `oddline dead-letters replay`.',
  },
  unexpected: {
    meaning: 'The receiver, or the code of the sink, did what its protocol does not know.',
    remedy: 'Read the detail; a proxy in between is a common cause. Report it if the sink is ours.',
  },
}
