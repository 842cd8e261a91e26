import type { Finding } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import type { Database } from '../../store/database.ts'
import { type IncidentRow, Incidents, incidentOf } from '../../store/incidents.ts'
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from '../page.ts'

export interface IncidentCriteria {
  readonly status?: Incident['status']
  readonly severity?: Severity
  /** Log time of its last finding, ms. */
  readonly since?: number
  readonly until?: number
  readonly who?: string
  /** Incidents with a finding of this batch. */
  readonly batch?: string
  /** With findings of any of these batches. */
  readonly batches?: readonly string[]
  /** Changed since then, ms by our own clock: what a live view asks for. */
  readonly touchedSince?: number
}

export interface IncidentItem extends Incident {
  /** When it last changed, ms by our own clock. */
  readonly touchedAt: number
}

const SELECT = 'SELECT * FROM incidents i'

/** The most recently changed first. */
export function listIncidents(db: Database, filter: IncidentCriteria, page: PageRequest): Page<IncidentItem> {
  const parts: string[] = []
  const values: unknown[] = []
  const need = (condition: string, ...given: unknown[]) => {
    parts.push(condition)
    values.push(...given)
  }
  if (filter.status !== undefined) need('i.status = ?', filter.status)
  if (filter.since !== undefined) need('i.last_seen >= ?', filter.since)
  if (filter.until !== undefined) need('i.first_seen < ?', filter.until)
  if (filter.who !== undefined) need('i.who = ?', filter.who)
  if (filter.touchedSince !== undefined) need('i.touched_at > ?', filter.touchedSince)
  if (filter.severity && filter.severity !== 'low') {
    const worse = SEVERITIES.slice(SEVERITIES.indexOf(filter.severity))
    need(`i.severity IN (${worse.map(() => '?').join(', ')})`, ...worse)
  }
  if (filter.batch !== undefined) {
    need(
      `i.id IN (SELECT l.incident FROM incident_findings l JOIN findings f ON f.seq = l.seq WHERE f.batch = ?)`,
      filter.batch,
    )
  }
  if (filter.batches !== undefined) {
    need(
      `i.id IN (SELECT l.incident FROM incident_findings l JOIN findings f ON f.seq = l.seq
       WHERE f.batch IN (SELECT value FROM json_each(?)))`,
      JSON.stringify(filter.batches),
    )
  }
  if (page.cursor !== undefined) {
    const [touched, id] = decodeCursor(page.cursor) ?? [0, '']
    need('(i.touched_at, i.id) < (?, ?)', touched, id ?? '')
  }
  const where = parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : ''
  const rows = db
    .prepare(`${SELECT} ${where} ORDER BY i.touched_at DESC, i.id DESC LIMIT ?`)
    .all(...values, page.limit + 1) as IncidentRow[]
  const { items, next } = pageOf(rows, page.limit, (row) => encodeCursor(row.touched_at, row.id))
  return { items: items.map(asIncident), next }
}

export function incidentById(db: Database, id: string): IncidentItem | undefined {
  const row = db.prepare(`${SELECT} WHERE i.id = ?`).get(id) as IncidentRow | undefined
  return row && asIncident(row)
}

/** The incident whose id begins so, where exactly one does. */
export function incidentByPrefix(db: Database, prefix: string): IncidentItem | undefined {
  if (!/^[0-9a-f]{4,32}$/.test(prefix)) return undefined
  const rows = db.prepare(`${SELECT} WHERE i.id >= ? AND i.id < ? LIMIT 2`).all(prefix, `${prefix}g`) as IncidentRow[]
  return rows.length === 1 ? asIncident(rows[0]) : undefined
}

/** Its findings, strongest first. */
export function findingsOfIncident(db: Database, id: string, limit: number): Finding[] {
  return new Incidents(db).findings(id, limit)
}

export function countIncidents(db: Database): { readonly open: number; readonly bySeverity: Record<Severity, number> } {
  const rows = db
    .prepare(`SELECT severity, count(*) AS n FROM incidents WHERE status = 'open' GROUP BY severity`)
    .all() as { severity: Severity; n: number }[]
  const bySeverity = Object.fromEntries(SEVERITIES.map((name) => [name, 0])) as Record<Severity, number>
  for (const { severity, n } of rows) bySeverity[severity] = n
  return { open: rows.reduce((sum, { n }) => sum + n, 0), bySeverity }
}

function asIncident(row: IncidentRow): IncidentItem {
  return { ...incidentOf(row), touchedAt: row.touched_at }
}
