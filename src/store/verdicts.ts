import type { StoredVerdict } from '../core/documents/verdict.ts'
import type { Database } from './database.ts'

export function saveVerdict(db: Database, verdict: StoredVerdict): void {
  db.prepare(
    `INSERT INTO verdicts (finding, verdict, reason, author, at) VALUES (@finding, @verdict, @reason, @author, @at)
     ON CONFLICT (finding) DO UPDATE SET verdict = @verdict, reason = @reason, author = @author, at = @at`,
  ).run(verdict)
}

/** @returns whether there was one */
export function removeVerdict(db: Database, finding: string): boolean {
  return db.prepare('DELETE FROM verdicts WHERE finding = ?').run(finding).changes > 0
}
