import type { Severity } from './severity.ts'

/** Findings grouped by who, what and when: what a person is alerted about. */
export interface Incident {
  /** Deterministic: made of who, what and the finding that opened it. */
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
  /** Id of its strongest finding: the one to look at first. */
  readonly strongest: string
  /** The score of that finding, 0 to 1. */
  readonly score: number
  /** One sentence for a person. */
  readonly summary: string
}
