import type { Finding } from './finding.ts'
import type { Incident } from './incident.ts'
import type { Severity } from './severity.ts'

/** Why people are told of an incident. `ERRORS.md` shows this table. */
export const NOTICE_CAUSES = {
  opened: 'A new incident.',
  grown: 'New findings came to an open incident.',
  repeated: 'An incident goes on and was last told `repeat_interval` ago.',
  resolved: 'No new finding came for `incidents.resolve_after`.',
} as const
export type NoticeCause = keyof typeof NOTICE_CAUSES

/** A message to people about one incident. */
export interface IncidentNotice {
  readonly kind: 'incident'
  /** The same for every retry of this notice. */
  readonly id: string
  readonly cause: NoticeCause
  readonly incident: Incident
  /** Findings since the last notice of this incident. */
  readonly added: number
  /** Its highest-scoring findings, highest first, at most three. */
  readonly findings: readonly Finding[]
}

/** One message about many incidents, sent instead of a flood of single messages. */
export interface DigestNotice {
  readonly kind: 'digest'
  readonly id: string
  readonly incidents: number
  readonly findings: number
  /** Number of open incidents per severity. */
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>
  /** The highest-scoring incidents, highest first, at most five. */
  readonly top: readonly IncidentNotice[]
}

export type Notice = IncidentNotice | DigestNotice
