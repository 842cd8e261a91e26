import type { Finding } from './finding.ts'
import type { Incident } from './incident.ts'
import type { Severity } from './severity.ts'

/** One incident as told to people. */
export interface IncidentNotice {
  readonly kind: 'incident'
  /** Stable over retries of this notice. */
  readonly id: string
  readonly cause: 'opened' | 'grown' | 'repeated' | 'resolved'
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
