import { emptyTotals, type Totals } from '../core/documents/batch.ts'
import type { BatchRow } from '../store/batches.ts'
import type { Database } from '../store/database.ts'
import { pastTotals } from '../store/retention/past-totals.ts'
import { decodeCursor, encodeCursor, type Page, type PageRequest, pageOf } from './page.ts'

export interface BatchItem {
  readonly id: string
  readonly startedAt: number
  readonly finishedAt: number | null
  readonly status: BatchRow['status']
  readonly totals: Totals
}

const COLUMNS = 'id, started_at AS startedAt, finished_at AS finishedAt, status, summary'

/** The newest first. */
export function listBatches(db: Database, page: PageRequest, since = 0): Page<BatchItem> {
  const [startedAt, id] = (page.cursor === undefined ? undefined : decodeCursor(page.cursor)) ?? [
    Number.MAX_SAFE_INTEGER,
    '',
  ]
  const rows = db
    .prepare(
      `SELECT ${COLUMNS} FROM batches WHERE started_at >= ? AND (started_at, id) < (?, ?)
       ORDER BY started_at DESC, id DESC LIMIT ?`,
    )
    .all(since, Number(startedAt), id ?? '', page.limit + 1) as BatchRow[]
  const { items, next } = pageOf(rows, page.limit, (row) => encodeCursor(row.startedAt, row.id))
  return { items: items.map(asItem), next }
}

export function batchById(db: Database, id: string): BatchItem | undefined {
  const row = db.prepare(`SELECT ${COLUMNS} FROM batches WHERE id = ?`).get(id) as BatchRow | undefined
  return row && asItem(row)
}

function asItem({ summary, ...row }: BatchRow): BatchItem {
  return { ...row, totals: { ...emptyTotals(), ...(JSON.parse(summary) as Partial<Totals>) } }
}

/** Sums the totals of several batches; a file that grew between them appears once, with all its lines. */
export function sumTotals(batches: readonly { readonly totals: Totals }[]): Totals {
  const sum = emptyTotals()
  const files = new Map<string, Totals['files'][number]>()
  const problems = new Map<string, Totals['problems'][number]>()
  for (const { totals } of batches) {
    for (const name of ['lines', 'bytes', 'parsed', 'rejected', 'skipped', 'truncated'] as const)
      sum[name] += totals[name]
    sum.findings.total += totals.findings.total
    for (const name of ['by_severity', 'by_detector', 'by_attack_type'] as const) {
      for (const [key, n] of Object.entries(totals.findings[name])) {
        sum.findings[name][key] = (sum.findings[name][key] ?? 0) + n
      }
    }
    for (const file of totals.files) {
      const known = files.get(file.path)
      if (!known) files.set(file.path, { ...file, ...addCounts(file.reject_reasons) })
      else {
        for (const name of COUNTED) known[name] += file[name]
        Object.assign(known, addCounts(known.reject_reasons, file.reject_reasons))
      }
    }
    if (totals.rejects_unlisted) sum.rejects_unlisted = (sum.rejects_unlisted ?? 0) + totals.rejects_unlisted
    for (const problem of totals.problems) problems.set(`${problem.kind} ${problem.path}`, problem)
  }
  sum.files = [...files.values()]
  sum.problems = [...problems.values()]
  return sum
}

/** Sums of rejects by reason, where there are any. */
function addCounts(...all: readonly (Readonly<Record<string, number>> | undefined)[]) {
  const sum: Record<string, number> = {}
  for (const counts of all) for (const [key, n] of Object.entries(counts ?? {})) sum[key] = (sum[key] ?? 0) + n
  return Object.keys(sum).length > 0 ? { reject_reasons: sum } : {}
}

const COUNTED = ['lines', 'parsed', 'rejected', 'skipped', 'truncated', 'findings'] as const

/** What all batches read together: events parsed, lines rejected and skipped, bytes. */
export interface ReadTotals {
  readonly parsed: number
  readonly rejected: number
  readonly skipped: number
  readonly bytes: number
}

/** Batches that retention has removed count, too. */
export function readTotals(db: Database): ReadTotals {
  const kept = db
    .prepare(
      `SELECT coalesce(sum(summary ->> '$.parsed'), 0) AS parsed, coalesce(sum(summary ->> '$.rejected'), 0) AS rejected,
         coalesce(sum(summary ->> '$.skipped'), 0) AS skipped, coalesce(sum(summary ->> '$.bytes'), 0) AS bytes FROM batches`,
    )
    .get() as ReadTotals
  const sum = (name: keyof ReadTotals) => kept[name] + (pastTotals(db, name)[''] ?? 0)
  return { parsed: sum('parsed'), rejected: sum('rejected'), skipped: sum('skipped'), bytes: sum('bytes') }
}
