import { driftReport } from '../control/learning.ts'
import type { Totals } from '../core/documents/batch.ts'
import type { DriftReport } from '../core/documents/drift.ts'
import type { Finding, Phase } from '../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../core/documents/severity.ts'
import { decodeState, type LearningState } from '../learning/lifecycle.ts'
import { decodeOrders, ORDERS } from '../learning/orders.ts'
import { type FileLag, fileLags } from '../queries/lag.ts'
import { latestBatches } from '../store/batches.ts'
import { loadCheckpoint } from '../store/checkpoints.ts'
import type { Database } from '../store/database.ts'

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
export function topFindings(db: Database, batch: string, limit: number): { groups: FindingGroup[]; more: number } {
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

export interface FindingCounts {
  readonly total: number
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>
}

export function countFindings(db: Database): FindingCounts {
  const rows = db.prepare('SELECT severity, count(*) AS n FROM findings GROUP BY severity').all() as {
    severity: Severity
    n: number
  }[]
  return {
    total: rows.reduce((sum, row) => sum + row.n, 0),
    bySeverity: Object.fromEntries(rows.map((row) => [row.severity, row.n])),
  }
}

export interface StatusReport {
  readonly phase: Phase
  readonly logsSeen: number
  readonly warmupTarget: number
  readonly learning: LearningReport
  readonly findings: FindingCounts
  readonly batches: readonly {
    id: string
    started: string
    status: string
    lines: number
    rejected: number
    findings: number
  }[]
  readonly files: { readonly known: number; readonly gone: number; readonly behind: readonly FileLag[] }
  readonly queues: readonly { sink: string; pending: number; deadLetters: number }[]
}

/** How the learning is, beside its phase. */
export interface LearningReport {
  /** Model version that judges; 0 while there is none. */
  readonly model: number
  /** Events collected for the next training; 0 while none is being prepared. */
  readonly collected: number
  readonly frozen: boolean
  /** How far traffic has moved from what the models know; absent while there are none. */
  readonly drift?: DriftReport
}

const BATCHES_SHOWN = 5
const FILES_SHOWN = 10

export function statusReport(db: Database, warmupTarget: number, now: number): StatusReport {
  const learning = learningState(db)
  return {
    phase: learning.phase,
    logsSeen: learning.seen,
    warmupTarget,
    learning: {
      model: learning.version,
      collected: learning.collected,
      frozen: learning.frozen,
      drift: driftReport(db),
    },
    findings: countFindings(db),
    batches: latestBatches(db, BATCHES_SHOWN).map(({ id, startedAt, status, summary }) => {
      const totals = JSON.parse(summary) as Partial<Totals>
      const { lines = 0, rejected = 0, findings } = totals
      return { id, started: new Date(startedAt).toISOString(), status, lines, rejected, findings: findings?.total ?? 0 }
    }),
    files: filesOf(db, now),
    queues: queuesOf(db),
  }
}

/** The learning as of the last commit; an order to freeze or to resume counts from when it was given. */
export function learningState(db: Database): LearningState {
  const state = decodeState(loadCheckpoint(db, 'learning'))
  const { frozen = state.frozen } = decodeOrders(loadCheckpoint(db, ORDERS))
  return { ...state, frozen }
}

function filesOf(db: Database, now: number): StatusReport['files'] {
  const counts = db.prepare('SELECT count(*) AS known, count(gone_at) AS gone FROM files').get() as {
    known: number
    gone: number
  }
  return { ...counts, behind: fileLags(db, now, FILES_SHOWN).filter(({ bytes }) => bytes > 0) }
}

function queuesOf(db: Database): StatusReport['queues'] {
  return db
    .prepare(
      `SELECT sink, sum(pending) AS pending, sum(dead) AS deadLetters FROM (
         SELECT sink, 1 AS pending, 0 AS dead FROM outbox
         UNION ALL SELECT sink, 1, 0 FROM notices WHERE due_at IS NOT NULL
         UNION ALL SELECT sink, 0, 1 FROM dead_letters
       ) GROUP BY sink ORDER BY sink`,
    )
    .all() as StatusReport['queues']
}
