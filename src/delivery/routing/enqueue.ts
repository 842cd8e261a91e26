import type { Incident } from '../../core/documents/incident.ts'
import type { Database } from '../../store/database.ts'
import { NoticeQueue } from '../../store/delivery/notices.ts'
import { OutboxWriter } from '../../store/delivery/outbox.ts'
import type { StoredFinding } from '../../store/findings.ts'
import { Incidents } from '../../store/incidents.ts'
import { Folding } from './folding.ts'
import type { Routes } from './routes.ts'

/** A finding and its row number in the database. */
type NumberedFinding = Pick<StoredFinding, 'seq' | 'finding'>

/**
 * Queues findings for the sinks whose routes select them, and adds them to their incidents. It runs in the transaction
 * that stores the findings: either a finding is stored and queued, or neither.
 * @returns for each full queue, how many of its oldest findings went to the dead letters
 */
export function enqueue(
  db: Database,
  rows: readonly NumberedFinding[],
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

function planNotices(db: Database, rows: readonly NumberedFinding[], routes: Routes, now: number): void {
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

/** Resolves incidents without new findings for `resolve_after`, and plans their notices. Returns their number. */
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
