import type { Finding } from '../../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import type { Database } from '../../store/database.ts'

/** Findings of one session with the same attack types: what a person reads as one thing. */
export interface FindingGroup {
  readonly severity: Severity
  readonly session: string
  readonly what: string
  readonly count: number
  /** The strongest of them. */
  readonly strongest: Finding
}

/** The findings of a batch by session and attack type, strongest first. */
export function topGroups(db: Database, batch: string, limit: number): { groups: FindingGroup[]; more: number } {
  const rows = db
    .prepare(
      `SELECT seq, severity, session, document ->> '$.oddline.attack_types' AS types FROM findings
       WHERE batch = ? ORDER BY score DESC, seq`,
    )
    .iterate(batch) as Iterable<{ seq: number; severity: Severity; session: string; types: string }>
  const groups = new Map<string, { count: number; seq: number; severity: Severity; session: string; types: string }>()
  for (const { types, session, ...row } of rows) {
    const key = `${session}\0${types}`
    const group = groups.get(key)
    if (group) group.count++
    else groups.set(key, { ...row, session, types, count: 1 })
  }
  const all = [...groups.values()]
  all.sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity))
  const document = db.prepare('SELECT document FROM findings WHERE seq = ?').pluck()
  const strongest = all.slice(0, limit).map(({ seq, types, ...group }) => ({
    ...group,
    what: (JSON.parse(types) as string[]).join(', ') || 'unusual behaviour',
    strongest: JSON.parse(document.get(seq) as string) as Finding,
  }))
  return { groups: strongest, more: Math.max(0, all.length - limit) }
}
