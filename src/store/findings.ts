import type { Finding } from '../core/documents/finding.ts'
import type { Database } from './database.ts'
import { rowsBySeq } from './sqlite/rows-by-seq.ts'

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
  const rows = rowsBySeq<{ document: string }>(db, 'f.document', 'WHERE f.batch = ?', [batch])
  for (const { document } of rows) yield JSON.parse(document) as Finding
}
