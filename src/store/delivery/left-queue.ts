import type { Database } from '../database.ts'

/** What waits for a sink that is no longer configured. */
export interface LeftQueue {
  readonly findings: number
  readonly notices: number
  readonly deadLetters: number
}

/** How many items were moved or discarded, and how many stay because a process is sending them. */
export interface LeftQueueChange extends LeftQueue {
  readonly busy: number
}

const FREE = 'sink = :from AND leased_until <= :now'

export function leftQueue(db: Database, sink: string): LeftQueue {
  const count = (sql: string) => db.prepare<[string], number>(sql).pluck().get(sink) as number
  return {
    findings: count('SELECT count(*) FROM outbox WHERE sink = ?'),
    notices: count('SELECT count(*) FROM notices WHERE sink = ? AND due_at IS NOT NULL'),
    deadLetters: count('SELECT count(*) FROM dead_letters WHERE sink = ?'),
  }
}

/**
 * Gives the queue, the dead letters and what people were told to another sink. What that sink has already stays as it is,
 * so nothing is sent twice. One transaction.
 */
export function moveLeftQueue(db: Database, from: string, to: string, now: number): LeftQueueChange {
  return change(
    db,
    from,
    now,
    (run) => {
      run(`INSERT OR IGNORE INTO outbox (sink, seq, queued_at, due_at)
           SELECT :to, seq, queued_at, :now FROM outbox WHERE ${FREE}
           AND seq NOT IN (SELECT seq FROM dead_letters WHERE sink = :to AND seq IS NOT NULL)`)
      run(`UPDATE OR IGNORE notices SET sink = :to, attempts = 0, first_tried_at = NULL, alone = 0 WHERE ${FREE}`)
      run('UPDATE OR IGNORE dead_letters SET sink = :to WHERE sink = :from')
    },
    to,
  )
}

/** Deletes the queue and the dead letters; findings and incidents stay. */
export function discardLeftQueue(db: Database, sink: string, now: number): LeftQueueChange {
  return change(db, sink, now, () => {})
}

function change(
  db: Database,
  from: string,
  now: number,
  keep: (run: (sql: string) => void) => void,
  to = '',
): LeftQueueChange {
  return db
    .transaction(() => {
      const values = { from, to, now }
      const run = (sql: string) => db.prepare(sql).run(values)
      const before = leftQueue(db, from)
      keep(run)
      run(`DELETE FROM outbox WHERE ${FREE}`)
      run(`DELETE FROM notices WHERE ${FREE}`)
      run('DELETE FROM dead_letters WHERE sink = :from')
      const left = leftQueue(db, from)
      if (left.findings + left.notices === 0) run('DELETE FROM sink_state WHERE sink = :from')
      return {
        findings: before.findings - left.findings,
        notices: before.notices - left.notices,
        deadLetters: before.deadLetters,
        busy: left.findings + left.notices,
      }
    })
    .immediate()
}
