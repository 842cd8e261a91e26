import type { FailureReason } from '../core/documents/failure.ts'
import type { Database } from '../store/database.ts'

/** Delivery state of a sink. Times in ms since the epoch. */
export interface SinkStatus {
  readonly name: string
  readonly type: string
  /** Items never delivered. A later notice of an incident that people know does not count. */
  readonly pending: number
  /** When the oldest waiting item was queued. */
  readonly oldest: number | null
  readonly deadLetters: number
  readonly delivered: number
  readonly deliveredAt: number | null
  /** Failed deliveries in a row; 0 after a success. */
  readonly failures: number
  readonly notBefore: number | null
  readonly reason: FailureReason | null
  readonly detail: string | null
}

interface StateRow {
  readonly sink: string
  readonly failures: number
  readonly not_before: number
  readonly reason: FailureReason | null
  readonly detail: string | null
  readonly delivered_at: number | null
  readonly delivered_total: number
}

/** Every configured sink, and every removed sink that still has items. */
export function sinkStatus(
  db: Database,
  configured: Readonly<Record<string, { readonly type: string }>>,
): SinkStatus[] {
  const states = new Map(
    (db.prepare('SELECT * FROM sink_state').all() as StateRow[]).map((row) => [row.sink, row] as const),
  )
  const waiting = new Map(
    (
      db
        .prepare(
          `SELECT sink, sum(n) AS pending, min(oldest) AS oldest FROM (
             SELECT sink, count(*) AS n, min(queued_at) AS oldest FROM outbox GROUP BY sink
             UNION ALL
             SELECT sink, count(*) AS n, min(due_at) AS oldest FROM notices
             WHERE due_at IS NOT NULL AND (told = 0 OR attempts > 0) GROUP BY sink
           ) GROUP BY sink`,
        )
        .all() as { sink: string; pending: number; oldest: number | null }[]
    ).map((row) => [row.sink, row] as const),
  )
  const dead = new Map(
    (
      db.prepare('SELECT sink, count(*) AS n FROM dead_letters GROUP BY sink').all() as { sink: string; n: number }[]
    ).map(({ sink, n }) => [sink, n] as const),
  )
  const names = new Set([...Object.keys(configured), ...waiting.keys(), ...dead.keys()])
  return [...names].sort().map((name) => {
    const state = states.get(name)
    return {
      name,
      type: configured[name]?.type ?? 'removed',
      pending: waiting.get(name)?.pending ?? 0,
      oldest: waiting.get(name)?.oldest ?? null,
      deadLetters: dead.get(name) ?? 0,
      delivered: state?.delivered_total ?? 0,
      deliveredAt: state?.delivered_at ?? null,
      failures: state?.failures ?? 0,
      notBefore: state?.not_before || null,
      reason: state?.reason ?? null,
      detail: state?.detail ?? null,
    }
  })
}
