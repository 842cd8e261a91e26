import { type Adjustment, AdjustmentSchema, type AppliedAdjustment } from '../core/documents/adjustment.ts'
import type { Database } from './database.ts'

interface Row {
  id: number
  adjustment: string
  findings: string
  reason: string
  author: string
  created_at: number
  expires_at: number | null
  ended_at: number | null
  suppressed: number
  weakened: number
}

type NewAdjustment = Pick<
  AppliedAdjustment,
  'adjustment' | 'findings' | 'reason' | 'author' | 'createdAt' | 'expiresAt'
>

/** @returns its id */
export function addAdjustment(db: Database, applied: NewAdjustment): number {
  const { adjustment, findings, reason, author, createdAt, expiresAt } = applied
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO adjustments (adjustment, findings, reason, author, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(
      JSON.stringify(AdjustmentSchema.parse(adjustment)),
      JSON.stringify(findings),
      reason,
      author,
      createdAt,
      Number.isFinite(expiresAt) ? expiresAt : null,
    )
  return Number(lastInsertRowid)
}

/** Ends an adjustment; false if none of this id is in force. */
export function endAdjustment(db: Database, id: number, now: number): boolean {
  return db.prepare('UPDATE adjustments SET ended_at = ? WHERE id = ? AND ended_at IS NULL').run(now, id).changes > 0
}

/** Ends the adjustments that come from the verdict on this finding alone. @returns their ids */
export function endAdjustmentsOf(db: Database, finding: string, now: number): number[] {
  return db
    .prepare('UPDATE adjustments SET ended_at = ? WHERE ended_at IS NULL AND findings = ? RETURNING id')
    .pluck()
    .all(now, JSON.stringify([finding])) as number[]
}

/** All of them, the newest first. */
export function allAdjustments(db: Database): AppliedAdjustment[] {
  return read(db, 'ORDER BY id DESC')
}

/**
 * The adjustments for a batch that began at `at`, oldest first. A batch that resumes after a crash keeps the adjustments
 * that it began with.
 */
export function adjustmentsAt(db: Database, at: number): AppliedAdjustment[] {
  return read(db, 'WHERE created_at <= @at AND (ended_at IS NULL OR ended_at > @at) ORDER BY id', { at })
}

/** Adds to the counts of each adjustment, inside the caller's transaction. */
export function countAdjusted(
  db: Database,
  done: ReadonlyMap<number, { readonly suppressed: number; readonly weakened: number }>,
): void {
  const add = db.prepare('UPDATE adjustments SET suppressed = suppressed + ?, weakened = weakened + ? WHERE id = ?')
  for (const [id, { suppressed, weakened }] of done) add.run(suppressed, weakened, id)
}

function read(db: Database, rest: string, values: Readonly<Record<string, number>> = {}): AppliedAdjustment[] {
  const rows = db.prepare(`SELECT * FROM adjustments ${rest}`).all(values) as Row[]
  return rows.map((row) => ({
    id: row.id,
    adjustment: JSON.parse(row.adjustment) as Adjustment,
    findings: JSON.parse(row.findings) as string[],
    reason: row.reason,
    author: row.author,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? Number.POSITIVE_INFINITY,
    endedAt: row.ended_at,
    suppressed: row.suppressed,
    weakened: row.weakened,
  }))
}
