import { type EventBlock, RECORD_TRUNCATED, type RecordBlock } from '../../core/columns/block.ts'
import type { FileCounts, ReadProblem } from '../../core/documents/batch.ts'
import type { Parsed, Reject, Sniffed } from '../../core/parsed.ts'

/** Gives records. `Moved` is what the store saves of positions. */
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

/** The counts, rejects and positions that belong to a block. */
export interface BlockAccount<Moved> {
  readonly path: string
  readonly format: Sniffed['format']
  readonly counts: FileCounts
  readonly bytes: number
  readonly rejects: readonly Reject[]
  /** Positions to save with the results up to here. */
  readonly moved: readonly Moved[]
}

export interface SourceBlock<Moved> {
  readonly events: EventBlock
  readonly account: BlockAccount<Moved>
}

/** Gives a batch its events, in an order that does not depend on timing. */
export interface BlockSource<Moved> {
  discover(): Promise<{ readonly files: number; readonly bytesToRead: number }>
  next(): Promise<SourceBlock<Moved> | undefined>
  /** Positions that changed since the last block. */
  moved(): readonly Moved[]
  problems(): readonly ReadProblem[]
  close(): Promise<void>
}

/** Reads and parses on the calling thread. */
export class ParsingSource<Moved> implements BlockSource<Moved> {
  readonly #source: RecordSource<Moved>
  readonly #parser: Parser

  constructor(source: RecordSource<Moved>, parser: Parser) {
    this.#source = source
    this.#parser = parser
  }

  discover(): Promise<{ readonly files: number; readonly bytesToRead: number }> {
    return this.#source.discover()
  }

  async next(): Promise<SourceBlock<Moved> | undefined> {
    const read = await this.#source.next()
    if (!read) return undefined
    const { block, sniffed } = read
    const parsed = this.#parser.parse(block, sniffed)
    const account = {
      path: block.source.path,
      format: sniffed.format,
      counts: countsOf(block, parsed),
      bytes: block.count > 0 ? block.endOffset - block.offsets[0] : 0,
      rejects: parsed.rejects,
      moved: this.#source.moved(),
    }
    return { events: parsed.events, account }
  }

  moved(): readonly Moved[] {
    return this.#source.moved()
  }

  problems(): readonly ReadProblem[] {
    return this.#source.problems()
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

function countsOf({ count, flags }: RecordBlock, { events, rejects, skipped }: Parsed): FileCounts {
  let truncated = 0
  for (let i = 0; i < count; i++) truncated += flags[i] & RECORD_TRUNCATED
  return { lines: count, parsed: events.count, rejected: rejects.length, skipped, truncated }
}
