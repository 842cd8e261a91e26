import type { Severity } from './severity.ts'

/** Findings grouped by who, what and when. A person is alerted about incidents, not findings. */
export interface Incident {
  /** Deterministic: derived from who, what and the first finding. */
  readonly id: string
  readonly status: 'open' | 'resolved'
  /** The highest severity among its findings. It never falls. */
  readonly severity: Severity
  /** Address, user or session that the findings share. */
  readonly who: string
  /** Attack type, or the detector's name where no rule named one. */
  readonly what: string
  /** Log time of the first and the last finding, ms since the epoch. */
  readonly firstSeen: number
  readonly lastSeen: number
  readonly findings: number
  /** Id of its finding with the highest score: the one to look at first. */
  readonly strongest: string
  /** The score of that finding, 0 to 1. */
  readonly score: number
  /** One sentence for people. */
  readonly summary: string
}
