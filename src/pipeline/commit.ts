import { countAdjusted } from '../store/adjustments.ts'
import { type BatchRow, saveBatch } from '../store/batches.ts'
import { saveCheckpoints } from '../store/checkpoints.ts'
import type { Database } from '../store/database.ts'
import { insertFindings, type StoredFinding, type WrittenFinding } from '../store/findings.ts'

/** Everything that the lines since the last commit have led to. */
export interface Progress<Moved> {
  readonly batch: BatchRow
  readonly findings: readonly WrittenFinding[]
  /** What each adjustment has done, by its id. */
  readonly adjusted: ReadonlyMap<number, { readonly suppressed: number; readonly weakened: number }>
  readonly moved: readonly Moved[]
  readonly checkpoints: readonly { readonly name: string; readonly value: Uint8Array }[]
}

/** What other parts save; each is called inside the transaction. */
export interface CommitParts<Moved> {
  saveOffsets(db: Database, moved: readonly Moved[]): void
  enqueue(db: Database, findings: readonly StoredFinding[]): void
}

/**
 * The one transaction: offsets, findings, outbox, detector state and totals are saved together or not at all.
 * @returns the findings that were not saved before
 */
export function commit<Moved>(db: Database, progress: Progress<Moved>, parts: CommitParts<Moved>): StoredFinding[] {
  return db
    .transaction(() => {
      saveBatch(db, progress.batch)
      const stored = insertFindings(db, progress.batch.id, progress.findings)
      countAdjusted(db, progress.adjusted)
      parts.enqueue(db, stored)
      parts.saveOffsets(db, progress.moved)
      saveCheckpoints(db, progress.checkpoints)
      return stored
    })
    .immediate()
}
