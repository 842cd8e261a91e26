import type { Config } from '../config/schema.ts'
import type { Database } from '../store/database.ts'
import { pastTotals } from '../store/retention/past-totals.ts'
import type { Figures } from '../telemetry/metrics.ts'
import { readTotals } from './batches.ts'
import { countIncidents } from './findings/incidents.ts'
import { fileLags } from './lag.ts'
import { learningStatus, rulesProblem } from './learning.ts'
import { sinkStatus } from './sinks.ts'
import { countVerdicts } from './verdicts.ts'

/** Files whose lag gets a time series of its own; more would make a scrape too large. */
const MAX_FILES = 200

/** The figures of a Prometheus scrape, read from the state. */
export function figures(db: Database, config: Config, judged: number, now: number): Figures {
  const { bytes, ...lines } = readTotals(db)
  const { phase, drift } = learningStatus(db, config)
  return {
    phase,
    rulesAreValid: rulesProblem(db) === undefined,
    ...(drift && { drift: { unknown: drift.templates.unknown, moved: drift.moved } }),
    lines,
    bytes,
    findings: countFindings(db),
    openIncidents: countIncidents(db).bySeverity,
    verdicts: countVerdicts(db),
    files: fileLags(db, now, MAX_FILES),
    sinks: sinkStatus(db, config.sinks).map(({ name, pending, oldest, failures, delivered }) => ({
      name,
      pending,
      oldestSeconds: oldest === null ? 0 : Math.max(0, now - oldest) / 1000,
      failures,
      delivered,
    })),
    deadLetters: db
      .prepare('SELECT sink, reason, count(*) AS count FROM dead_letters GROUP BY 1, 2')
      .all() as Figures['deadLetters'],
    batches: countBatches(db),
    lastBatch: lastBatch(db),
    judged,
  }
}

/** By severity and detector, with those that retention has removed. */
function countFindings(db: Database): Figures['findings'] {
  const kept = db
    .prepare(
      `SELECT f.severity || '/' || j.key AS label, count(*) AS count
       FROM findings f, json_each(f.document, '$.oddline.votes') j GROUP BY 1`,
    )
    .all() as { label: string; count: number }[]
  const counts = pastTotals(db, 'findings')
  for (const { label, count } of kept) counts[label] = (counts[label] ?? 0) + count
  return Object.entries(counts).map(([label, count]) => {
    const [severity, detector] = label.split('/')
    return { severity, detector, count }
  })
}

/** By status, with those that retention has removed. */
function countBatches(db: Database): Record<string, number> {
  const kept = db.prepare('SELECT status, count(*) AS n FROM batches GROUP BY 1').all() as {
    status: string
    n: number
  }[]
  const counts = pastTotals(db, 'batches')
  for (const { status, n } of kept) counts[status] = (counts[status] ?? 0) + n
  return counts
}

function lastBatch(db: Database): Figures['lastBatch'] {
  const row = db
    .prepare(
      `SELECT started_at AS startedAt, finished_at AS finishedAt, summary ->> '$.lines' AS lines FROM batches
       WHERE status = 'done' ORDER BY finished_at DESC LIMIT 1`,
    )
    .get() as { startedAt: number; finishedAt: number; lines: number | null } | undefined
  return row && { seconds: (row.finishedAt - row.startedAt) / 1000, finishedAt: row.finishedAt, lines: row.lines ?? 0 }
}
