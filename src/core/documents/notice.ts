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

/** One incident as told to people. */
export interface IncidentNotice {
  readonly kind: 'incident'
  /** Stable over retries of this notice. */
  readonly id: string
  readonly cause: NoticeCause
  readonly incident: Incident
  /** Findings since the last notice of this incident. */
  readonly added: number
  /** Its strongest findings, strongest first, at most three. */
  readonly findings: readonly Finding[]
}

/** Many incidents in one message: what people get in place of a flood. */
export interface DigestNotice {
  readonly kind: 'digest'
  readonly id: string
  readonly incidents: number
  readonly findings: number
  /** How many of the incidents are of each severity; those that are over do not count. */
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>
  /** The strongest incidents, strongest first, at most five. */
  readonly top: readonly IncidentNotice[]
}

export type Notice = IncidentNotice | DigestNotice
