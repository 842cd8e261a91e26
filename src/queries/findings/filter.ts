import type { DetectorName } from '../../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'

/** Selects findings; every given condition must hold. Times are log time, ms since the epoch. */
export interface FindingCriteria {
  readonly since?: number
  readonly until?: number
  /** This severity or a worse one. */
  readonly severity?: Severity
  readonly detector?: DetectorName
  readonly attackType?: string
  readonly rule?: string
  /** Client address of a request; address or user of a security event. */
  readonly session?: string
  readonly user?: string
  readonly batch?: string
  /** Of any of these batches. */
  readonly batches?: readonly string[]
  readonly incident?: string
  /** Text in the raw line or the explanation, ignoring case. */
  readonly text?: string
}

/** The filter as SQL over `findings f`, with its values. */
export function findingConditions(filter: FindingCriteria): { readonly where: string; readonly values: unknown[] } {
  const parts: string[] = []
  const values: unknown[] = []
  const need = (condition: string, ...given: unknown[]) => {
    parts.push(condition)
    values.push(...given)
  }
  if (filter.since !== undefined) need('f.time >= ?', filter.since)
  if (filter.until !== undefined) need('f.time < ?', filter.until)
  if (filter.severity && filter.severity !== 'low') {
    const worse = SEVERITIES.slice(SEVERITIES.indexOf(filter.severity))
    need(`f.severity IN (${worse.map(() => '?').join(', ')})`, ...worse)
  }
  if (filter.batch !== undefined) need('f.batch = ?', filter.batch)
  if (filter.batches !== undefined) {
    need('f.batch IN (SELECT value FROM json_each(?))', JSON.stringify(filter.batches))
  }
  if (filter.session !== undefined) need('f.session = ?', filter.session)
  if (filter.user !== undefined) need(`f.document ->> '$.user.name' = ?`, filter.user)
  if (filter.rule !== undefined) need(`f.document ->> '$.rule.id' = ?`, filter.rule)
  if (filter.detector !== undefined) need(`f.document -> '$.oddline.votes' ->> ? IS NOT NULL`, filter.detector)
  if (filter.attackType !== undefined) {
    need(`EXISTS (SELECT 1 FROM json_each(f.document, '$.oddline.attack_types') WHERE value = ?)`, filter.attackType)
  }
  if (filter.incident !== undefined) {
    need('f.seq IN (SELECT seq FROM incident_findings WHERE incident = ?)', filter.incident)
  }
  if (filter.text !== undefined) {
    need(
      `(instr(lower(f.document ->> '$.event.original'), lower(?)) > 0 OR instr(lower(f.document ->> '$.message'), lower(?)) > 0)`,
      filter.text,
      filter.text,
    )
  }
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values }
}
