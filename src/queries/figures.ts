import type { Config } from '../config/schema.ts'
import type { Database } from '../store/database.ts'
import type { Figures } from '../telemetry/metrics.ts'
import { readTotals } from './batches.ts'
import { countIncidents } from './findings/incidents.ts'
import { fileLags } from './lag.ts'
import { learningStatus } from './learning.ts'
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
    ...(drift && { drift: { unknown: drift.templates.unknown, moved: drift.moved } }),
    lines,
    bytes,
    findings: db
      .prepare(
        `SELECT f.severity, j.key AS detector, count(*) AS count
         FROM findings f, json_each(f.document, '$.oddline.votes') j GROUP BY 1, 2`,
      )
      .all() as Figures['findings'],
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
    batches: Object.fromEntries(
      (db.prepare('SELECT status, count(*) AS n FROM batches GROUP BY 1').all() as { status: string; n: number }[]).map(
        ({ status, n }) => [status, n],
      ),
    ),
    lastBatch: lastBatch(db),
    judged,
  }
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
