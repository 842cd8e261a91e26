import type { z } from 'zod'
import type { FailureReason } from '../../core/documents/failure.ts'
import type { Finding } from '../../core/documents/finding.ts'
import type { Notice } from '../../core/documents/notice.ts'

/**
 * The public contract of a sink: `oddline/sink` for third parties, `#sink` for the built-in sinks. A sink encodes
 * findings, sends them and classifies the answer. The host does everything else: queue, retry, back-off, circuit
 * breaker, rate limit, batching and dead letters.
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

/** The receiver has everything, durably. */
export interface Delivered {
  readonly kind: 'delivered'
}

/**
 * The same request may succeed later. With `unauthorized` and `misconfigured` an operator has to act first; the host
 * holds the queue until then and gives up only after `retry_for`.
 */
export interface Retry {
  readonly kind: 'retry'
  readonly reason: FailureReason
  /** What the receiver said: bounded, without secrets. */
  readonly detail: string
  /** Shortest wait that the receiver asked for, ms. */
  readonly afterMs?: number
}

/** The same request can never succeed. The host halves the batch until the invalid findings stand alone. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly reason: FailureReason
  readonly detail: string
}

/** Outcome of a request that succeeds or fails as a whole. */
export type RequestOutcome = Delivered | Retry | Rejected

/** One finding that the receiver rejected. */
export interface Rejection {
  readonly finding: Finding
  readonly reason: FailureReason
  readonly detail: string
}

/** `retry` may succeed later, `rejected` never will, and the rest of the batch is delivered. */
export interface PartlyDelivered {
  readonly kind: 'partial'
  readonly retry: readonly Finding[]
  readonly rejected: readonly Rejection[]
  /** Why `retry` has to wait; absent if the host may send it again at once. */
  readonly reason?: FailureReason
  readonly detail?: string
  readonly afterMs?: number
}

/** What happened to a batch. All sinks, the queue and the telemetry use these four words. */
export type DeliveryOutcome = RequestOutcome | PartlyDelivered

interface Endpoint {
  /** Verifies that the receiver is reachable and accepts our credentials. Throws an Error that tells the operator what to do. */
  check?(signal: AbortSignal): Promise<void>
  /** Prepares the receiver (templates, policies) when an operator asks. Returns one sentence for each step done. */
  setup?(signal: AbortSignal): Promise<readonly string[]>
  close?(): Promise<void>
}

/** A receiver of records. It gets every finding that its route selects. */
export interface Sink extends Endpoint {
  /**
   * Sends one batch of 1 to `limits.maxBatch` findings, oldest first. The host never calls it while an earlier call of
   * the same sink is running. It never throws because of the receiver, and it stops when `signal` aborts. After a crash
   * the host may send a finding again: pass `event.id` on, so that the receiver can recognise it.
   */
  deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome>
}

/** A receiver for people. It gets notices of incidents: few, and several at once as one digest. */
export interface Notifier extends Endpoint {
  /** Sends one notice, under the same rules as `Sink.deliver`. */
  notify(notice: Notice, signal: AbortSignal): Promise<RequestOutcome>
}

/** How much the host sends to a sink at once. */
export interface SinkLimits {
  /** Most findings in one `deliver`. A notifier always gets one notice. */
  readonly maxBatch: number
  /** Token bucket: sustained requests per second, and burst. Absent means unlimited. */
  readonly ratePerSecond?: number
  readonly burst?: number
}

interface Definition<Config> {
  /** The value of `type:` in the configuration. */
  readonly type: string
  /** Zod object (`z.strictObject`) with snake_case keys. Declare secrets with `secret()`. */
  readonly config: z.ZodType<Config>
  /** Keys of `config` that hold secrets. The host also accepts `<key>_file` and `<key>_env` for each. */
  readonly secrets?: readonly string[]
  readonly limits: SinkLimits
}

/** What a sink package exports as `sink`. `create` only constructs: the sink connects on its first call. */
export type SinkDefinition<Config = unknown> =
  | (Definition<Config> & { readonly takes: 'findings'; create(config: Config): Sink })
  | (Definition<Config> & { readonly takes: 'notices'; create(config: Config): Notifier })
