import type { Database } from '../database.ts'

const ADD = 'ON CONFLICT (name, label) DO UPDATE SET value = value + excluded.value'
const COUNTS = ['lines', 'parsed', 'rejected', 'skipped', 'bytes'] as const

/** Sums of rows that were removed, so that counters never fall. Everything runs in the caller's transaction. */
export class PastTotals {
  readonly #findings
  readonly #batch

  constructor(db: Database) {
    this.#findings = db.prepare(
      `INSERT INTO past_totals (name, label, value)
       SELECT 'findings', f.severity || '/' || j.key, count(*)
       FROM findings f, json_each(f.document, '$.oddline.votes') j
       WHERE f.seq IN (SELECT value FROM json_each(?)) GROUP BY 2 ${ADD}`,
    )
    const counts = COUNTS.map(
      (name) => `SELECT '${name}', '', coalesce(summary ->> '$.${name}', 0) FROM batches WHERE id = :id`,
    )
    this.#batch = db.prepare(
      `INSERT INTO past_totals (name, label, value) SELECT * FROM (
       ${counts.join(' UNION ALL ')} UNION ALL SELECT 'batches', status, 1 FROM batches WHERE id = :id) WHERE true ${ADD}`,
    )
  }

  addFindings(seqs: string): void {
    this.#findings.run(seqs)
  }

  addBatch(id: string): void {
    this.#batch.run({ id })
  }
}

/** The sums of one name, by label. */
export function pastTotals(db: Database, name: string): Record<string, number> {
  const rows = db.prepare('SELECT label, value FROM past_totals WHERE name = ?').all(name) as {
    label: string
    value: number
  }[]
  return Object.fromEntries(rows.map(({ label, value }) => [label, value]))
}
