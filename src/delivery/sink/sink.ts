import type { z } from 'zod'
import type { FailureReason } from '../../core/documents/failure.ts'
import type { Finding } from '../../core/documents/finding.ts'
import type { Notice } from '../../core/documents/notice.ts'

/**
 * The public contract of a sink, imported as `oddline/sink` by third parties and as `#sink` by our own. A sink encodes,
 * sends and classifies; queue, retry, back-off, circuit breaker, rate limit, batching and dead letters are the host's.
 */
export { FAILURE_REASONS, type FailureReason } from '../../core/documents/failure.ts'
export type { Evidence, Finding } from '../../core/documents/finding.ts'
export type { Incident } from '../../core/documents/incident.ts'
export type { DigestNotice, IncidentNotice, Notice } from '../../core/documents/notice.ts'
export { atLeast, SEVERITIES, type Severity } from '../../core/documents/severity.ts'
export { Secret } from '../../core/secret.ts'
export { bounded, parseRetryAfter, reasonOfStatus, reasonOfSystemError } from './classify.ts'
export { HttpClient, type HttpResponse, type HttpSettings, httpKeys, httpUrl } from './http.ts'
export { optionalSecret, secret } from './secrets.ts'

export interface Rejection {
  readonly finding: Finding
  readonly reason: FailureReason
  /** What the receiver said, bounded, without secrets. */
  readonly detail: string
}

/**
 * What became of a batch.
 * - `delivered`: the receiver has all of it, for good.
 * - `retry`: nothing is known to have arrived and the same batch may succeed later, or once an operator has mended
 *   something (`unauthorized`, `misconfigured`: the queue is held, nothing is given up before its time).
 * - `partial`: `retry` may succeed later, `rejected` never will, and everything else of the batch has arrived.
 * - `rejected`: sending the same batch again cannot succeed. The host halves it until the guilty events stand alone.
 */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly reason: FailureReason; readonly detail: string; readonly afterMs?: number }
  | {
      readonly kind: 'partial'
      readonly retry: readonly Finding[]
      readonly rejected: readonly Rejection[]
      /** Why `retry` has to wait; absent where it may be sent at once. */
      readonly reason?: FailureReason
      readonly detail?: string
      readonly afterMs?: number
    }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly detail: string }

interface Endpoint {
  /** Proves that the receiver is there and lets us in; throws an Error that tells the operator what to do. */
  check?(signal: AbortSignal): Promise<void>
  /** Prepares the receiver (templates, policies), when an operator asks; returns a sentence for each thing done. */
  setup?(signal: AbortSignal): Promise<readonly string[]>
  close?(): Promise<void>
}

/** A receiver of records: it gets every finding of its route. */
export interface Sink extends Endpoint {
  /**
   * Sends one batch and reports what happened. Called with 1 to `limits.maxBatch` findings, oldest first, and never
   * while an earlier call of the same sink is running. Never throws for anything the remote side did; stops when
   * `signal` aborts. The same finding may come again after a crash: use `event.id` so that the receiver can tell.
   */
  deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome>
}

/** A receiver for people: it gets notices of incidents, few and late rather than many at once. */
export interface Notifier extends Endpoint {
  /** Sends one notice. As `Sink.deliver` in all else; `partial` has no meaning here. */
  notify(notice: Notice, signal: AbortSignal): Promise<Exclude<DeliveryOutcome, { kind: 'partial' }>>
}

/** How the host should feed a sink. */
export interface SinkLimits {
  /** Findings in one `deliver`; a notifier gets one notice a time whatever this says. */
  readonly maxBatch: number
  /** Token bucket: sustained deliveries a second and burst; absent means unlimited. */
  readonly ratePerSecond?: number
  readonly burst?: number
}

interface Definition<Config> {
  /** The value of `type:` in the configuration. */
  readonly type: string
  /** Zod object (`z.strictObject`); keys are snake_case. Secrets are declared with `secret()`. */
  readonly config: z.ZodType<Config>
  /** Keys of `config` that hold secrets: the host also accepts `<key>_file` and `<key>_env` for each. */
  readonly secrets?: readonly string[]
  readonly limits: SinkLimits
}

/** What a sink package exports as `sink`. `create` is pure: nothing connects before the first call of the result. */
export type SinkDefinition<Config = unknown> =
  | (Definition<Config> & { readonly takes: 'findings'; create(config: Config): Sink })
  | (Definition<Config> & { readonly takes: 'notices'; create(config: Config): Notifier })
