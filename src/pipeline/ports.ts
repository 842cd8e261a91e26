import type { ReadProblem } from '../core/batch.ts'
import type { RecordBlock } from '../core/block.ts'
import type { Parsed, Sniffed } from '../core/parsed.ts'

/** What the batch asks of the reader. `Moved` is how the store saves positions; the batch only hands it on. */
export interface RecordSource<Moved> {
  discover(): Promise<{ readonly files: number; readonly bytesToRead: number }>
  next(): Promise<{ readonly block: RecordBlock; readonly sniffed: Sniffed } | undefined>
  moved(): readonly Moved[]
  problems(): readonly ReadProblem[]
}

export interface Parser {
  parse(block: RecordBlock, sniffed: Sniffed): Parsed
}
