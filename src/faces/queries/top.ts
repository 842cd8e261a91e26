import { SEVERITIES, type Severity } from '../../core/severity.ts'
import type { Database } from '../../store/database.ts'
import { type FindingFilter, findingConditions } from './filter.ts'

/** One address, user or path, with what was found of it. */
export interface TopEntry {
  readonly name: string
  readonly findings: number
  readonly severity: Severity
  readonly score: number
  /** Log time of its latest finding, ms. */
  readonly lastSeen: number
  readonly attackTypes: string[]
}

const MAX_TYPES = 6

const NAME = {
  address: `f.document ->> '$.source.address'`,
  user: `f.document ->> '$.user.name'`,
  path: `f.document ->> '$.url.path'`,
} as const

/** Who and what the findings are about, the gravest first. */
export function topEntries(db: Database, kind: keyof typeof NAME, filter: FindingFilter, limit: number): TopEntry[] {
  const { where, values } = findingConditions(filter)
  const name = NAME[kind]
  const rows = db
    .prepare(
      `SELECT ${name} AS name, count(*) AS findings, max(f.score) AS score, max(f.time) AS lastSeen,
         max(CASE f.severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END) AS severity
       FROM findings f ${where} ${where ? 'AND' : 'WHERE'} ${name} IS NOT NULL
       GROUP BY 1 ORDER BY severity DESC, findings DESC, name LIMIT ?`,
    )
    .all(...values, limit) as { name: string; findings: number; score: number; lastSeen: number; severity: number }[]
  const types = typesOf(db, name, filter, new Set(rows.map((row) => row.name)))
  return rows.map((row) => ({
    ...row,
    severity: SEVERITIES[row.severity],
    attackTypes: types.get(row.name) ?? [],
  }))
}

/** Attack types of each of the names, in one pass over the findings. */
function typesOf(
  db: Database,
  name: string,
  filter: FindingFilter,
  wanted: ReadonlySet<string>,
): Map<string, string[]> {
  const { where, values } = findingConditions(filter)
  const pairs = db
    .prepare(
      `SELECT DISTINCT ${name} AS name, j.value AS type
       FROM findings f, json_each(f.document, '$.oddline.attack_types') j ${where}`,
    )
    .all(...values) as { name: string; type: string }[]
  const types = new Map<string, string[]>()
  for (const { name: of, type } of pairs) {
    if (!wanted.has(of)) continue
    const known = types.get(of) ?? []
    if (known.length < MAX_TYPES) types.set(of, [...known, type])
  }
  return types
}
