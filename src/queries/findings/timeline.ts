import type { Totals } from '../../core/documents/batch.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import { busiestPeriod, sampleTraffic, type Traffic } from '../../core/documents/traffic.ts'
import type { Database } from '../../store/database.ts'
import { type FindingCriteria, findingConditions } from './filter.ts'

/** Traffic and findings over log time, on one scale. */
export interface Timeline {
  /** Start of the first slot and width of each, ms. */
  readonly start: number
  readonly width: number
  readonly events: number[]
  readonly findings: Record<Severity, number[]>
  /** The highest score of each slot, 0 where nothing was found. */
  readonly score: number[]
}

/** Divides the time from `filter.since` to `filter.until` into `slots`, at most a few hundred. */
export function timeline(
  db: Database,
  filter: FindingCriteria & { readonly since: number; readonly until: number },
  slots: number,
): Timeline {
  const { since, until } = filter
  const traffic = sampleTraffic(trafficOf(db, filter), since, until, slots)
  const findings = Object.fromEntries(
    SEVERITIES.map((severity) => [severity, new Array<number>(slots).fill(0)]),
  ) as Record<Severity, number[]>
  const score = new Array<number>(slots).fill(0)
  const { where, values } = findingConditions(filter)
  const rows = db
    .prepare(
      `SELECT CAST((f.time - ?) / ? AS INTEGER) AS slot, f.severity, count(*) AS n, max(f.score) AS score
       FROM findings f ${where} GROUP BY 1, 2`,
    )
    .all(since, traffic.width, ...values) as { slot: number; severity: Severity; n: number; score: number }[]
  for (const row of rows) {
    const slot = Math.min(slots - 1, row.slot)
    findings[row.severity][slot] += row.n
    score[slot] = Math.max(score[slot], row.score)
  }
  return { start: since, width: traffic.width, events: traffic.counts, findings, score }
}

function trafficOf(db: Database, filter: FindingCriteria): Traffic[] {
  const rows = (
    filter.batches === undefined
      ? db.prepare('SELECT summary FROM batches ORDER BY started_at DESC LIMIT 1000').all()
      : db
          .prepare('SELECT summary FROM batches WHERE id IN (SELECT value FROM json_each(?))')
          .all(JSON.stringify(filter.batches))
  ) as { summary: string }[]
  return rows.flatMap(({ summary }) => {
    const { traffic } = JSON.parse(summary) as Partial<Totals>
    return traffic ? [traffic] : []
  })
}

/** The period with most of the events of a batch; `whole` if it holds all of them. */
export function periodOf(db: Database, filter: FindingCriteria): ReturnType<typeof busiestPeriod> {
  return busiestPeriod(trafficOf(db, filter))
}

/** Log time of the first and the last event that was read. */
export function spanOf(db: Database, filter: FindingCriteria): { first: number; last: number } | undefined {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const { width, counts } of trafficOf(db, filter)) {
    for (const bucket of Object.keys(counts)) {
      first = Math.min(first, Number(bucket) * width)
      last = Math.max(last, (Number(bucket) + 1) * width)
    }
  }
  return first < last ? { first, last } : undefined
}
