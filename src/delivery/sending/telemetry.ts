import type { DeadReason } from '../../core/documents/dead-letter.ts'
import type { FailureReason } from '../../core/documents/failure.ts'
import type { BreakerState } from './circuit-breaker.ts'

/** Why a notice is held back from people. */
export type HoldReason = 'silenced' | 'inhibited' | 'muted'

/** One method for each event of delivery. */
export interface DeliveryTelemetry {
  delivered(sink: string, items: number, ms: number): void
  /** A delivery failed; the lane tries again in `inMs`. */
  retrying(sink: string, items: number, reason: FailureReason, detail: string, inMs: number): void
  /** The items went to the dead letters. A person has to act: `oddline dead-letters` shows and replays them. */
  deadLettered(sink: string, items: number, reason: DeadReason, detail: string): void
  breaker(sink: string, state: BreakerState, detail: string): void
  /** Number of waiting items and age of the oldest; at most once a second. */
  backlog(sink: string, pending: number, oldestMs: number): void
  held(sink: string, notices: number, why: HoldReason): void
  /** The wall clock was set by so much; back-offs and waits go on as if it was not. */
  clockSet(byMs: number): void
  /** The dispatcher itself failed, for example because the database is locked. It tries again after a pause. */
  failed(sink: string, error: unknown): void
}

export const silentTelemetry: DeliveryTelemetry = {
  delivered() {},
  retrying() {},
  deadLettered() {},
  breaker() {},
  backlog() {},
  held() {},
  clockSet() {},
  failed() {},
}
