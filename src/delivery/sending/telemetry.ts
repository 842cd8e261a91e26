import type { FailureReason } from '../../core/documents/failure.ts'
import type { DeadReason } from '../../store/queue.ts'
import type { BreakerState } from './circuit-breaker.ts'

/** One method for each thing that can happen on the way to a receiver. The host turns each into a log line and a metric. */
export interface DeliveryTelemetry {
  delivered(sink: string, items: number, ms: number): void
  /** A try failed; it comes again in `inMs`. */
  retrying(sink: string, items: number, reason: FailureReason, detail: string, inMs: number): void
  /** Given up: a person is needed. `oddline dead-letters` shows and replays them. */
  buried(sink: string, items: number, reason: DeadReason, detail: string): void
  breaker(sink: string, state: BreakerState, detail: string): void
  /** About once a second while something happens: what waits, and for how long the oldest has waited. */
  backlog(sink: string, pending: number, oldestMs: number): void
  /** Notices held back from people. */
  held(sink: string, notices: number, why: 'silenced' | 'inhibited' | 'muted'): void
  /** The dispatcher itself failed (the database is locked, the disk full). It goes on after a wait. */
  faltered(sink: string, error: unknown): void
}

export const silentTelemetry: DeliveryTelemetry = {
  delivered() {},
  retrying() {},
  buried() {},
  breaker() {},
  backlog() {},
  held() {},
  faltered() {},
}
