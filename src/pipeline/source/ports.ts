import type { Config } from '../../config/schema.ts'
import type { RecordBlock } from '../../core/columns/block.ts'
import type { ReadProblem } from '../../core/documents/batch.ts'
import type { Parsed, Sniffed } from '../../core/parsed.ts'
import type { Database } from '../../store/database.ts'

/** What the batch asks of the reader. `Moved` is how the store saves positions; the batch only hands it on. */
export interface RecordSource<Moved> {
  discover(): Promise<{ readonly files: number; readonly bytesToRead: number }>
  next(): Promise<{ readonly block: RecordBlock; readonly sniffed: Sniffed } | undefined>
  moved(): readonly Moved[]
  problems(): readonly ReadProblem[]
  close(): Promise<void>
}

export interface Parser {
  parse(block: RecordBlock, sniffed: Sniffed): Parsed
}

/** What the module exports that makes the page for people. Named by URL, because it is loaded in the batch thread. */
export interface Reporter {
  batchFolderReport(
    db: Database,
    batch: string,
    rejectsFile: string,
    config: Pick<Config, 'detection'>,
    now: number,
  ): string
}
