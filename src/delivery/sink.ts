import type { z } from 'zod'
import type { Finding } from '../core/finding.ts'

/**
 * The public contract of a sink, imported as `oddline/sink` by third parties and as `#sink` by our own. A sink encodes,
 * sends and classifies; queue, retry, back-off, circuit breaker, rate limit, batching and dead letters are the host's.
 */
export type { Finding } from '../core/finding.ts'
export { Secret } from '../core/secret.ts'
export { atLeast, SEVERITIES, type Severity } from '../core/severity.ts'

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

export interface Rejection {
  readonly finding: Finding
  readonly reason: FailureReason
  /** What the receiver said, bounded, without secrets. */
  readonly detail: string
}

export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly reason: FailureReason; readonly detail: string; readonly afterMs?: number }
  | { readonly kind: 'partial'; readonly retry: readonly Finding[]; readonly rejected: readonly Rejection[] }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly detail: string }

export interface Sink {
  /** Sends one batch and reports what happened. Never throws for anything the remote side did; stops when `signal` aborts. */
  deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome>
  /** Proves that the receiver is there and lets us in; throws an Error that tells the operator what to do. */
  check?(signal: AbortSignal): Promise<void>
  close?(): Promise<void>
}

/** How the host should feed a sink. */
export interface SinkLimits {
  readonly maxBatch: number
  /** Token bucket: sustained deliveries a second and burst; absent means unlimited. */
  readonly ratePerSecond?: number
  readonly burst?: number
}

/** What a sink package exports: its name, the schema of its section of the configuration, its limits, and the builder. */
export interface SinkDefinition<Config = unknown> {
  readonly type: string
  /** Zod object; unknown keys are refused, secrets are turned into `Secret`. */
  readonly config: z.ZodType<Config>
  readonly limits: SinkLimits
  /** Pure: no connection is made before the first `deliver` or `check`. */
  create(config: Config): Sink
}
