import type { DeadLetter, DeadLetterFilter } from '../../core/documents/dead-letter.ts'
import type { Database } from '../database.ts'

interface Row extends Omit<DeadLetter, 'diedAt'> {
  died_at: number
}

/** Findings and notices that could not be delivered, kept with the reason until a person replays or discards them. */
export class DeadLetters {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Adds a letter inside the caller's transaction. A second letter for the same item replaces the first. */
  bury(letter: Omit<DeadLetter, 'id' | 'diedAt'>, now: number): void {
    this.#db
      .prepare(
        `INSERT OR REPLACE INTO dead_letters (sink, seq, incident, reason, detail, attempts, died_at)
         VALUES (:sink, :seq, :incident, :reason, :detail, :attempts, :now)`,
      )
      .run({ ...letter, now })
  }

  /** Newest first. */
  list(filter: DeadLetterFilter = {}, limit = 100): DeadLetter[] {
    const { where, values } = conditions(filter)
    return this.#db
      .prepare<unknown[], Row>(`SELECT * FROM dead_letters ${where} ORDER BY id DESC LIMIT ?`)
      .all(...values, limit)
      .map(({ died_at, ...row }) => ({ ...row, diedAt: died_at }))
  }

  /** Puts letters back into their queues as new items. One transaction: an interrupted replay replays nothing. */
  replay(filter: DeadLetterFilter, now: number): number {
    return this.#db
      .transaction(() => {
        const letters = this.list(filter, -1)
        const queue = this.#db.prepare(
          'INSERT OR IGNORE INTO outbox (sink, seq, queued_at, due_at) VALUES (:sink, :seq, :now, :now)',
        )
        const tell = this.#db.prepare(
          'UPDATE notices SET due_at = :now, attempts = 0, first_tried_at = NULL, alone = 0 WHERE sink = :sink AND incident = :incident',
        )
        for (const { sink, seq, incident } of letters) {
          if (seq !== null) queue.run({ sink, seq, now })
          else tell.run({ sink, incident, now })
        }
        this.#delete(filter)
        return letters.length
      })
      .immediate()
  }

  discard(filter: DeadLetterFilter): number {
    return this.#delete(filter)
  }

  #delete(filter: DeadLetterFilter): number {
    const { where, values } = conditions(filter)
    return this.#db.prepare(`DELETE FROM dead_letters ${where}`).run(...values).changes
  }
}

/** A filter as SQL over `dead_letters`, with its values. */
export function conditions({ sink, reason, ids }: DeadLetterFilter): { where: string; values: unknown[] } {
  const parts: string[] = []
  const values: unknown[] = []
  if (sink !== undefined) parts.push('sink = ?')
  if (reason !== undefined) parts.push('reason = ?')
  if (ids !== undefined) parts.push('id IN (SELECT value FROM json_each(?))')
  for (const value of [sink, reason, ids && JSON.stringify(ids)]) if (value !== undefined) values.push(value)
  return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values }
}
