import type { Finding } from '../../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import type { Database } from '../../store/database.ts'
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from '../page.ts'
import { type FindingCriteria, findingConditions } from './filter.ts'

export interface RecordedFinding {
  readonly finding: Finding
  readonly batch: string
}

/** The newest recorded first. */
export function listFindings(db: Database, filter: FindingCriteria, page: PageRequest): Page<RecordedFinding> {
  const { where, values } = findingConditions(filter)
  const before = page.cursor === undefined ? undefined : Number(decodeCursor(page.cursor)?.[0] ?? 0)
  const cursor = before === undefined ? '' : `${where ? 'AND' : 'WHERE'} f.seq < ?`
  const rows = db
    .prepare(`SELECT f.seq, f.batch, f.document FROM findings f ${where} ${cursor} ORDER BY f.seq DESC LIMIT ?`)
    .all(...values, ...(before === undefined ? [] : [before]), page.limit + 1) as FindingRow[]
  const { items, next } = pageOf(rows, page.limit, (row) => encodeCursor(row.seq))
  return { items: items.map(asItem), next }
}

/** The strongest first; for a summary, not for paging. */
export function strongestFindings(db: Database, filter: FindingCriteria, limit: number): Finding[] {
  const { where, values } = findingConditions(filter)
  const rows = db
    .prepare(`SELECT f.document FROM findings f ${where} ORDER BY f.score DESC, f.seq LIMIT ?`)
    .all(...values, limit) as { document: string }[]
  return rows.map(({ document }) => JSON.parse(document) as Finding)
}

export function findingById(db: Database, id: string): RecordedFinding | undefined {
  const row = db.prepare('SELECT seq, batch, document FROM findings WHERE id = ?').get(id) as FindingRow | undefined
  return row && asItem(row)
}

interface FindingRow {
  readonly seq: number
  readonly batch: string
  readonly document: string
}

function asItem({ batch, document }: FindingRow): RecordedFinding {
  return { batch, finding: JSON.parse(document) as Finding }
}

export type SeverityCounts = Record<Severity, number>

export interface SeverityTotals {
  readonly total: number
  readonly bySeverity: SeverityCounts
}

export interface FindingTotals extends SeverityTotals {
  readonly byDetector: Readonly<Record<string, number>>
  readonly byAttackType: Readonly<Record<string, number>>
}

export function severityTotals(db: Database, criteria: FindingCriteria): SeverityTotals {
  const counted = countBy(db, criteria, 'f.severity', 'findings f')
  const bySeverity = Object.fromEntries(SEVERITIES.map((name) => [name, counted[name] ?? 0])) as SeverityCounts
  return { total: Object.values(bySeverity).reduce((sum, n) => sum + n, 0), bySeverity }
}

export function findingTotals(db: Database, criteria: FindingCriteria): FindingTotals {
  return {
    ...severityTotals(db, criteria),
    byDetector: countBy(db, criteria, 'j.key', `findings f, json_each(f.document, '$.oddline.votes') j`),
    byAttackType: countBy(db, criteria, 'j.value', `findings f, json_each(f.document, '$.oddline.attack_types') j`),
  }
}

/** How many findings have each value of `name`, the most frequent first. */
function countBy(db: Database, criteria: FindingCriteria, name: string, from: string): Record<string, number> {
  const { where, values } = findingConditions(criteria)
  const rows = db
    .prepare(`SELECT ${name} AS name, count(*) AS n FROM ${from} ${where} GROUP BY 1 ORDER BY n DESC`)
    .all(...values) as { name: string; n: number }[]
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]))
}

/** Log time of the earliest and the latest finding; undefined if there are none. */
export function findingSpan(db: Database, filter: FindingCriteria): { first: number; last: number } | undefined {
  const { where, values } = findingConditions(filter)
  const row = db
    .prepare(`SELECT min(f.time) AS first, max(f.time) AS last FROM findings f ${where}`)
    .get(...values) as {
    first: number | null
    last: number | null
  }
  return row.first === null || row.last === null ? undefined : { first: row.first, last: row.last }
}
