import { FAILURE_REASONS } from './failure.ts'
import type { Help } from './help.ts'

/** Why a delivery was given up. `overflow`: the queue of its sink was full. */
export const DEAD_REASONS = [...FAILURE_REASONS, 'overflow'] as const
export type DeadReason = (typeof DEAD_REASONS)[number]

export const OVERFLOW_HELP: Help = {
  meaning: 'The queue of the sink was full (`capacity`), so that its oldest findings were set aside.',
  remedy: 'Mend the sink, then `oddline dead-letters replay`; the findings themselves are all stored.',
}

/** A finding, or a notice of an incident, that its sink will not take. Exactly one of `seq` and `incident` is set. */
export interface DeadLetter {
  readonly id: number
  readonly sink: string
  readonly seq: number | null
  readonly incident: string | null
  readonly reason: DeadReason
  /** What the receiver said. */
  readonly detail: string
  readonly attempts: number
  /** Ms since the epoch. */
  readonly diedAt: number
}

export interface DeadLetterFilter {
  readonly sink?: string
  readonly reason?: DeadReason
  readonly ids?: readonly number[]
}
