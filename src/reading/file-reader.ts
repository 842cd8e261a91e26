import { fstatSync } from 'node:fs'
import type { RecordBlock } from '../core/columns/block.ts'
import type { StoredFile } from '../core/files/stored-file.ts'
import type { Sniffed } from '../core/parsed.ts'
import type { ByteSource, Scratch } from './bytes/byte-source.ts'
import { openFound } from './bytes/content.ts'
import { GzipSource } from './bytes/gzip-source.ts'
import { PlainSource } from './bytes/plain-source.ts'
import { cutWindow } from './cursor.ts'
import type { Match } from './identity/identify.ts'
import type { KnownFiles } from './known-files.ts'
import { damage, foreign } from './problems.ts'
import type { RecordTable } from './records/record-table.ts'

export interface FileReaderOptions {
  readonly maxRecordBytes: number
  readonly chunkBytes: number
  readonly sniff: (head: Buffer, path: string) => Sniffed
  readonly settleMs: number
  readonly now: number
}

export interface Read {
  readonly block: RecordBlock
  readonly sniffed: Sniffed
}

/**
 * Reads one file from its stored position to the end that it had at discovery. Windows start at the stored position and
 * contain whole records, so block boundaries depend on that position only.
 */
export class FileReader {
  readonly #match: Match
  readonly #known: KnownFiles
  readonly #options: FileReaderOptions
  readonly #scratch: Scratch
  readonly #table: RecordTable
  #source: ByteSource | undefined
  #unlinked = false
  #done = false

  constructor(match: Match, known: KnownFiles, options: FileReaderOptions, scratch: Scratch, table: RecordTable) {
    this.#match = match
    this.#known = known
    this.#options = options
    this.#scratch = scratch
    this.#table = table
  }

  /**
   * The next block; undefined at the end, or if the file has been replaced.
   * @throws the system error if the file cannot be read
   */
  async next(): Promise<Read | undefined> {
    const source = this.#done ? undefined : this.#open()
    while (source !== undefined && !this.#done) {
      const read = await this.#step(source)
      if (read !== undefined) return read
    }
    this.close()
    return undefined
  }

  /** True if there are no more blocks. */
  get done(): boolean {
    return this.#done
  }

  close(): void {
    this.#done = true
    this.#source?.close()
    this.#source = undefined
  }

  get #row(): StoredFile {
    return this.#known.get(this.#match.id)!
  }

  #open(): ByteSource | undefined {
    if (this.#source !== undefined) return this.#source
    const fd = openFound(this.#match.found)
    if (fd === undefined) return undefined
    this.#unlinked = fstatSync(fd).nlink === 0
    this.#source = this.#match.content?.compressed
      ? new GzipSource(fd, this.#row)
      : new PlainSource(fd, this.#row, this.#scratch)
    return this.#source
  }

  /** Reads one window and returns its block, if it contains a record. */
  async #step(source: ByteSource): Promise<Read | undefined> {
    const { maxRecordBytes, chunkBytes } = this.#options
    const row = this.#row
    const plain = this.#match.content?.compressed !== true
    const window = Math.max(chunkBytes, 2 * maxRecordBytes)
    const length = plain ? Math.min(window, this.#match.found.size - row.position) : window
    const raw = length > 0 ? await source.fill(row.position, length) : Buffer.alloc(0)
    if (raw === 'changed' || (plain && raw.length < length)) {
      this.#done = true
      return undefined
    }
    const atEnd = plain ? row.position + raw.length >= this.#match.found.size : raw.length < length
    const final = atEnd && this.#isWhole(source)
    const step = cutWindow(row, raw, { ...this.#options, path: this.#match.found.path, final }, this.#table)
    if (!step) {
      this.#finish(source, foreign(raw))
      return undefined
    }
    const { cursor, sniffed, records } = step
    if (cursor !== row) {
      this.#known.update(row.id, {
        ...cursor,
        markerHash: source.markerAt(cursor.position),
        size: Math.max(plain ? this.#match.found.size : 0, row.size, cursor.position),
      })
    }
    const { path, modifiedAt } = this.#match.found
    const read = records && { block: { source: { id: this.#match.id, path, modifiedAt }, ...records }, sniffed }
    if (atEnd) this.#finish(source, '')
    return read
  }

  /** Whether nothing will be added to an unterminated last record. */
  #isWhole(source: ByteSource): boolean {
    if (source.end === 'complete' || this.#unlinked) return true
    return this.#isSettled()
  }

  #isSettled(): boolean {
    return this.#options.now - this.#match.found.modifiedAt >= this.#options.settleMs
  }

  /** Stores that a file was read to its end, so it is not opened again until it changes. */
  #finish(source: ByteSource, found: string): void {
    this.#done = true
    const { signed, signature } = this.#match.found
    const row = this.#row
    const problem = found || this.#damage(source, row.position)
    const settled = problem !== '' || source.end === 'complete' || row.position >= this.#match.found.size
    const compressed = source.end === 'open' ? undefined : row.position
    this.#known.update(row.id, {
      problem,
      size: compressed ?? this.#match.found.size,
      signature: settled && signed ? signature : '',
    })
  }

  #damage({ end }: ByteSource, position: number): string {
    return end === 'truncated' && !this.#isSettled() ? '' : damage(end, position)
  }
}
