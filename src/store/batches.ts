import type { Database } from './database.ts'

export interface BatchRow {
  readonly id: string
  readonly startedAt: number
  readonly finishedAt: number | null
  readonly status: 'running' | 'done' | 'failed'
  /** The batch's tally as JSON, as of its last commit. */
  readonly summary: string
}

const COLUMNS = 'id, started_at AS startedAt, finished_at AS finishedAt, status, summary'

/** The batch that was interrupted, if there is one; the next run resumes it. */
export function runningBatch(db: Database): BatchRow | undefined {
  return db.prepare(`SELECT ${COLUMNS} FROM batches WHERE status = 'running' ORDER BY started_at DESC LIMIT 1`).get() as
    | BatchRow
    | undefined
}

export function saveBatch(db: Database, row: BatchRow): void {
  db.prepare(
    `INSERT INTO batches (id, started_at, finished_at, status, summary)
     VALUES (@id, @startedAt, @finishedAt, @status, @summary)
     ON CONFLICT (id) DO UPDATE SET finished_at = @finishedAt, status = @status, summary = @summary`,
  ).run(row)
}

export function isDone(db: Database, batch: string): boolean {
  return db.prepare("SELECT 1 FROM batches WHERE id = ? AND status = 'done'").get(batch) !== undefined
}
