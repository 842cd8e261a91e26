import { countAdjusted } from '../store/adjustments.ts'
import { type BatchRow, saveBatch } from '../store/batches.ts'
import { saveCheckpoints } from '../store/checkpoints.ts'
import type { Database } from '../store/database.ts'
import { insertFindings, type StoredFinding } from '../store/findings.ts'
import type { Written } from './output/held-findings.ts'

/** Everything that the lines since the last commit have led to. */
export interface Progress<Moved> {
  /** The batch as it is after these findings. */
  batch(): BatchRow
  readonly id: string
  /** In slices, so that a flood of them is never in memory at once. */
  readonly findings: Iterable<readonly Written[]>
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

/** Is told each slice of findings, and those that were not saved before. */
type OnSlice = (slice: readonly Written[], stored: readonly StoredFinding[]) => void

/** The one transaction: offsets, findings, outbox, detector state and totals are saved together or not at all. */
export function commit<Moved>(
  db: Database,
  progress: Progress<Moved>,
  parts: CommitParts<Moved>,
  onSlice?: OnSlice,
): void {
  db.transaction(() => {
    for (const slice of progress.findings) {
      const stored = insertFindings(db, progress.id, slice)
      parts.enqueue(db, stored)
      onSlice?.(slice, stored)
    }
    saveBatch(db, progress.batch())
    countAdjusted(db, progress.adjusted)
    parts.saveOffsets(db, progress.moved)
    saveCheckpoints(db, progress.checkpoints)
  }).immediate()
}
