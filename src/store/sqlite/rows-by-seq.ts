import type { Database } from '../database.ts'

const PAGE = 500

/** Findings `f` in the order of recording, a page at a time: not all are held, and the database is free in between. */
export function* rowsBySeq<Row>(
  db: Database,
  columns: string,
  where: string,
  values: readonly unknown[],
): Generator<Row> {
  const page = db.prepare<unknown[], Row & { readonly seq: number }>(
    `SELECT f.seq, ${columns} FROM findings f ${where ? `${where} AND` : 'WHERE'} f.seq > ? ORDER BY f.seq LIMIT ${PAGE}`,
  )
  for (let last = 0; ; ) {
    const rows = page.all(...values, last)
    yield* rows
    if (rows.length < PAGE) return
    last = rows[rows.length - 1].seq
  }
}
