import type { Finding } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import type { Database } from '../../store/database.ts'
import { Incidents } from '../../store/incidents.ts'
import { type NoticePlan, NoticeQueue } from '../../store/notices.ts'
import { OutboxWriter } from '../../store/outbox.ts'
import { Folding } from './folding.ts'

export interface StoredFinding {
  readonly seq: number
  readonly finding: Finding
}

/** Who gets what, with the patterns prepared. Made once from the configured sinks by `routesOf`. */
export interface Routes {
  /** Receivers of records. */
  readonly findings: readonly {
    readonly sink: string
    readonly wants: (finding: Finding) => boolean
    readonly capacity: number
  }[]
  /** Receivers for people. */
  readonly notices: readonly {
    readonly sink: string
    readonly wants: (finding: Finding) => boolean
    readonly plan: NoticePlan
  }[]
  readonly grouping: Grouping
}

export interface Grouping {
  /** Findings of one who and what further apart than this in log time are different incidents. */
  readonly gapMs: number
  /** An incident with no new finding for this long is resolved. */
  readonly resolveAfterMs: number
}

/**
 * Queues findings for every sink that wants them and takes them into incidents. Called inside the transaction that
 * stores the findings, so that a finding exists and is owed to its receivers, or neither.
 * @returns how many findings each full queue pushed out to the dead letters
 */
export function enqueue(
  db: Database,
  rows: readonly StoredFinding[],
  routes: Routes,
  now: number,
): { readonly overflowed: ReadonlyMap<string, number> } {
  const overflowed = new Map<string, number>()
  if (rows.length === 0) return { overflowed }
  const writer = new OutboxWriter(db)
  for (const { sink, wants, capacity } of routes.findings) {
    const seqs = rows.filter((row) => wants(row.finding)).map((row) => row.seq)
    const excess = seqs.length > 0 ? writer.put(sink, seqs, capacity, now) : 0
    if (excess > 0) overflowed.set(sink, excess)
  }
  planNotices(db, rows, routes, now)
  return { overflowed }
}

function planNotices(db: Database, rows: readonly StoredFinding[], routes: Routes, now: number): void {
  const wantedBy = new Map<string, Set<string>>()
  const folding = new Folding(new Incidents(db), routes.grouping.gapMs)
  for (const { seq, finding } of rows) {
    const incident = folding.fold(seq, finding)
    for (const { sink, wants } of routes.notices) {
      if (!wants(finding)) continue
      const sinks = wantedBy.get(incident.id) ?? new Set()
      wantedBy.set(incident.id, sinks.add(sink))
    }
  }
  const touched = folding.save(now)
  for (const { sink, plan } of routes.notices) {
    const queue = new NoticeQueue(db, sink, plan)
    for (const incident of touched.values()) {
      queue.plan(incident, wantedBy.get(incident.id)?.has(sink) ?? false, now)
    }
  }
}

/** Resolves incidents that have been quiet for long enough, and plans the notices of that. */
export function resolveQuiet(db: Database, routes: Routes, now: number): number {
  return db
    .transaction(() => {
      const incidents = new Incidents(db)
      const resolved = incidents.resolveQuiet(now - routes.grouping.resolveAfterMs)
      for (const { sink, plan } of routes.notices) {
        const queue = new NoticeQueue(db, sink, plan)
        for (const id of resolved) queue.plan(incidents.get(id) as Incident, false, now)
      }
      return resolved.length
    })
    .immediate()
}
