import type { Finding } from '../../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import type { Database } from '../../store/database.ts'
import { rowsBySeq } from '../../store/sqlite/rows-by-seq.ts'
import { BoundedGroups } from './bounded-groups.ts'

/** Findings of one session with the same attack types: what a person reads as one thing. */
export interface FindingGroup {
  readonly severity: Severity
  readonly session: string
  readonly what: string
  readonly count: number
  /** The strongest of them. */
  readonly strongest: Finding
}

interface GroupRow {
  readonly seq: number
  readonly severity: Severity
  readonly score: number
  readonly session: string
  readonly types: string
}

const GROUP_COLUMNS = "f.severity, f.score, f.session, f.document ->> '$.oddline.attack_types' AS types"

/** The findings of a batch by session and attack type, strongest first. */
export function topGroups(db: Database, batch: string, limit: number): { groups: FindingGroup[]; more: number } {
  const groups = new BoundedGroups<GroupRow & { count: number }>(
    ([, a], [, b]) =>
      SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || b.score - a.score || a.seq - b.seq,
  )
  for (const row of rowsBySeq<GroupRow>(db, GROUP_COLUMNS, 'WHERE f.batch = ?', [batch])) {
    const key = `${row.session}\0${row.types}`
    const group = groups.get(key)
    const count = (group?.count ?? 0) + 1
    if (group === undefined || row.score > group.score) groups.set(key, { ...row, count })
    else group.count = count
  }
  const all = groups.ranked()
  const document = db.prepare('SELECT document FROM findings WHERE seq = ?').pluck()
  const strongest = all.slice(0, limit).map(([, { seq, types, severity, session, count }]) => ({
    severity,
    session,
    count,
    what: (JSON.parse(types) as string[]).join(', ') || 'unusual behaviour',
    strongest: JSON.parse(document.get(seq) as string) as Finding,
  }))
  return { groups: strongest, more: Math.max(0, all.length + groups.dropped - limit) }
}
