import type { Finding } from '../../core/documents/finding.ts'
import type { Database } from '../database.ts'
import { DeadLetters } from './dead-letters.ts'
import type { Burial, ClockChange, Gate, Queue, Queued, Settlement } from './queue.ts'
import { SinkStates } from './sink-state.ts'

export interface QueuedFinding extends Queued {
  readonly seq: number
  readonly finding: Finding
}

interface ClaimedRow {
  seq: number
  attempts: number
  first_tried_at: number
}

/** Puts findings into the queues of sinks, inside the transaction that stores them. */
export class OutboxWriter {
  readonly #insert
  readonly #count
  readonly #oldest
  readonly #deadLetters: DeadLetters

  constructor(db: Database) {
    this.#insert = db.prepare<[string, number, number, number]>(
      'INSERT OR IGNORE INTO outbox (sink, seq, queued_at, due_at) VALUES (?, ?, ?, ?)',
    )
    this.#count = db.prepare<[string], number>('SELECT count(*) FROM outbox WHERE sink = ?').pluck()
    this.#oldest = db.prepare<object, { seq: number; attempts: number }>(
      `DELETE FROM outbox WHERE sink = :sink AND seq IN
         (SELECT seq FROM outbox WHERE sink = :sink AND leased_until <= :now ORDER BY seq LIMIT :excess)
       RETURNING seq, attempts`,
    )
    this.#deadLetters = new DeadLetters(db)
  }

  /**
   * Adds rows for one sink. A full queue moves its oldest rows to the dead letters, where a person can replay them: the
   * newest findings matter most, and nothing is lost.
   * @returns how many rows overflowed
   */
  put(sink: string, seqs: readonly number[], capacity: number, now: number): number {
    for (const seq of seqs) this.#insert.run(sink, seq, now, now)
    const excess = (this.#count.get(sink) as number) - capacity
    if (excess <= 0) return 0
    const evicted = this.#oldest.all({ sink, now, excess })
    const detail = `the queue of ${capacity} findings was full`
    for (const { seq, attempts } of evicted) {
      this.#deadLetters.bury({ sink, seq, incident: null, reason: 'overflow', detail, attempts }, now)
    }
    return evicted.length
  }
}

/** The queue of findings of one sink: rows of `outbox`, oldest finding first. */
export class FindingQueue implements Queue<QueuedFinding> {
  readonly #db: Database
  readonly #sink: string
  readonly #states: SinkStates
  readonly #deadLetters: DeadLetters
  readonly #s

  constructor(db: Database, sink: string) {
    this.#db = db
    this.#sink = sink
    this.#states = new SinkStates(db)
    this.#deadLetters = new DeadLetters(db)
    const lease =
      'SET leased_until = :leaseUntil, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, :now)'
    const free = 'sink = :sink AND due_at <= :now AND leased_until <= :now'
    this.#s = {
      first: db.prepare<object, { seq: number; alone: number }>(
        `SELECT seq, alone FROM outbox WHERE ${free} ORDER BY seq LIMIT 1`,
      ),
      claimOne: db.prepare<object, ClaimedRow>(
        `UPDATE outbox ${lease} WHERE sink = :sink AND seq = :seq RETURNING seq, attempts, first_tried_at`,
      ),
      claim: db.prepare<object, ClaimedRow>(
        `UPDATE outbox ${lease} WHERE sink = :sink AND seq IN
           (SELECT seq FROM outbox WHERE ${free} AND alone = 0 ORDER BY seq LIMIT :limit)
         RETURNING seq, attempts, first_tried_at`,
      ),
      document: db.prepare<[number], string>('SELECT document FROM findings WHERE seq = ?').pluck(),
      remove: db.prepare<[string, number]>('DELETE FROM outbox WHERE sink = ? AND seq = ?'),
      giveBack: db.prepare<[string, number]>('UPDATE outbox SET leased_until = 0 WHERE sink = ? AND seq = ?'),
      setAside: db.prepare<[number, string, number]>(
        'UPDATE outbox SET leased_until = 0, alone = 1, due_at = ? WHERE sink = ? AND seq = ?',
      ),
      forgive: db.prepare<object>(
        `UPDATE outbox SET first_tried_at = min(first_tried_at + :ms, :now)
         WHERE sink = :sink AND first_tried_at IS NOT NULL`,
      ),
      // Only an item that is tried alone waits for a time of its own. The others are due when they are queued.
      clockSet: db.prepare<object>(
        `UPDATE outbox SET queued_at = min(queued_at + :byMs, :now), first_tried_at = min(first_tried_at + :byMs, :now),
           due_at = iif(alone = 1, min(due_at + :byMs, :now + :longestMs), min(due_at, :now)),
           leased_until = iif(leased_until = 0, 0, leased_until + :byMs)
         WHERE sink = :sink AND (:byMs <> 0 OR queued_at > :now OR first_tried_at > :now OR due_at > :now)`,
      ),
      release: db.prepare<[string]>('UPDATE outbox SET leased_until = 0 WHERE sink = ? AND leased_until > 0'),
      due: db.prepare<[string], number>('SELECT min(max(due_at, leased_until)) FROM outbox WHERE sink = ?').pluck(),
      backlog: db.prepare<object, { pending: number; oldest: number | null }>(
        `SELECT count(*) AS pending,
           (SELECT queued_at FROM outbox WHERE sink = :sink ORDER BY seq LIMIT 1) AS oldest
         FROM outbox WHERE sink = :sink`,
      ),
    }
  }

  gate(): Gate {
    return this.#states.read(this.#sink)
  }

  claim(now: number, limit: number, leaseUntil: number): readonly QueuedFinding[] {
    const sink = this.#sink
    const first = this.#s.first.get({ sink, now })
    if (!first) return []
    const rows = first.alone
      ? this.#s.claimOne.all({ sink, now, leaseUntil, seq: first.seq })
      : this.#s.claim.all({ sink, now, leaseUntil, limit })
    return rows
      .sort((a, b) => a.seq - b.seq)
      .map((row) => ({
        seq: row.seq,
        attempts: row.attempts,
        firstTriedAt: row.first_tried_at,
        finding: JSON.parse(this.#s.document.get(row.seq) as string) as Finding,
      }))
  }

  settle(settlement: Settlement<QueuedFinding>, gate: Gate, now: number): void {
    const { delivered, retry, dead, aside } = settlement
    this.#db
      .transaction(() => {
        for (const { seq } of delivered) this.#s.remove.run(this.#sink, seq)
        for (const { seq } of retry) this.#s.giveBack.run(this.#sink, seq)
        if (aside) this.#s.setAside.run(aside.until, this.#sink, aside.item.seq)
        for (const burial of dead) this.#bury(burial, now)
        this.#states.write(this.#sink, gate)
      })
      .immediate()
  }

  nextDue(): number {
    return this.#s.due.get(this.#sink) ?? Number.POSITIVE_INFINITY
  }

  backlog() {
    return this.#s.backlog.get({ sink: this.#sink }) as { pending: number; oldest: number | null }
  }

  forgive(ms: number, now: number): void {
    this.#s.forgive.run({ sink: this.#sink, ms, now })
  }

  clockSet(change: ClockChange): void {
    this.#db
      .transaction(() => {
        this.#s.clockSet.run({ sink: this.#sink, ...change })
        this.#states.clockSet(this.#sink, change)
      })
      .immediate()
  }

  release(): void {
    this.#s.release.run(this.#sink)
  }

  #bury({ item, reason, detail }: Burial<QueuedFinding>, now: number): void {
    const { seq, attempts } = item
    this.#s.remove.run(this.#sink, seq)
    this.#deadLetters.bury({ sink: this.#sink, seq, incident: null, reason, detail, attempts }, now)
  }
}
