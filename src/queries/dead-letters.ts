import type { DeadLetter, DeadLetterFilter } from '../core/documents/dead-letter.ts'
import type { Finding } from '../core/documents/finding.ts'
import type { Database } from '../store/database.ts'
import { conditions, DeadLetters } from '../store/delivery/dead-letters.ts'

/** The newest first. */
export function listDeadLetters(db: Database, filter: DeadLetterFilter, limit: number): DeadLetter[] {
  return new DeadLetters(db).list(filter, limit)
}

export function countDeadLetters(db: Database, filter: DeadLetterFilter = {}): number {
  const { where, values } = conditions(filter)
  return db
    .prepare<unknown[], number>(`SELECT count(*) FROM dead_letters ${where}`)
    .pluck()
    .get(...values) as number
}

/** One letter and, where it is about a finding, that finding. */
export function deadLetterById(
  db: Database,
  id: number,
): { readonly letter: DeadLetter; readonly finding?: Finding } | undefined {
  const [letter] = listDeadLetters(db, { ids: [id] }, 1)
  if (!letter) return undefined
  const document = db.prepare('SELECT document FROM findings WHERE seq = ?').pluck().get(letter.seq)
  return document === undefined ? { letter } : { letter, finding: JSON.parse(document as string) as Finding }
}
