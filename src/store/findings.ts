import type { Finding } from '../core/documents/finding.ts'
import type { Database } from './database.ts'

/** A finding with its JSON, so that it is serialised only once. */
export interface WrittenFinding {
  readonly finding: Finding
  readonly document: string
}

export interface StoredFinding extends WrittenFinding {
  readonly seq: number
}

/** Inserts findings in their order and returns those that were new, with their sequence numbers. */
export function insertFindings(
  db: Database,
  batch: string,
  findings: readonly (Finding | WrittenFinding)[],
): StoredFinding[] {
  const insert = db.prepare(
    `INSERT INTO findings (id, batch, time, severity, score, session, document)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  )
  const stored: StoredFinding[] = []
  for (const one of findings) {
    const { finding, document } = 'document' in one ? one : { finding: one, document: JSON.stringify(one) }
    const { event, oddline } = finding
    const time = Date.parse(finding['@timestamp'])
    const { changes, lastInsertRowid } = insert.run(
      event.id,
      batch,
      time,
      oddline.severity,
      oddline.score,
      oddline.session,
      document,
    )
    if (changes === 1) stored.push({ seq: Number(lastInsertRowid), finding, document })
  }
  return stored
}

/** Streams the findings of a batch in the order of reading. */
export function* findingsOfBatch(db: Database, batch: string): Generator<Finding> {
  const rows = db.prepare('SELECT document FROM findings WHERE batch = ? ORDER BY seq').iterate(batch)
  for (const row of rows as Iterable<{ document: string }>) yield JSON.parse(row.document) as Finding
}
