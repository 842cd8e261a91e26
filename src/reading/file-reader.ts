import { fstatSync } from 'node:fs'
import type { RecordBlock } from '../core/columns/block.ts'
import type { Sniffed } from '../core/parsed.ts'
import type { StoredFile } from '../core/stored-file.ts'
import type { ByteSource, Scratch } from './bytes/byte-source.ts'
import { openFound } from './bytes/content.ts'
import { decodeUtf16, detectEncoding, utf16Length } from './bytes/encoding.ts'
import { GzipSource } from './bytes/gzip-source.ts'
import { PlainSource } from './bytes/plain-source.ts'
import type { Match } from './identity/identify.ts'
import { cutRecords } from './records/framer.ts'
import type { RecordTable } from './records/record-table.ts'
import type { Rows } from './rows.ts'

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

interface Piece {
  readonly bytes: Buffer
  /** Bytes of the file's content that the first `consumed` of `bytes` came from. */
  rawLength(consumed: number): number
}

/**
 * Reads one file from its stored position to the end that it had when it was found. Windows begin at the stored position
 * and hold whole records, so where blocks begin and end depends on that position alone.
 */
export class FileReader {
  readonly #match: Match
  readonly #rows: Rows
  readonly #options: FileReaderOptions
  readonly #scratch: Scratch
  readonly #table: RecordTable
  #source: ByteSource | undefined
  #unlinked = false
  #done = false

  constructor(match: Match, rows: Rows, options: FileReaderOptions, scratch: Scratch, table: RecordTable) {
    this.#match = match
    this.#rows = rows
    this.#options = options
    this.#scratch = scratch
    this.#table = table
  }

  /** The next block, or undefined once there is no more, or the file has become another. Throws what reading throws. */
  async next(): Promise<Read | undefined> {
    const source = this.#done ? undefined : this.#open()
    while (source !== undefined && !this.#done) {
      const read = await this.#step(source)
      if (read !== undefined) return read
    }
    this.close()
    return undefined
  }

  /** Whether there is no more to come. */
  get done(): boolean {
    return this.#done
  }

  close(): void {
    this.#done = true
    this.#source?.close()
    this.#source = undefined
  }

  get #row(): StoredFile {
    return this.#rows.get(this.#match.id)!
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

  /** One window: its block if it held a record. */
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
    const encoding = row.encoding === '' ? detectEncoding(raw).encoding : row.encoding
    const piece = decode(raw, encoding, row.position)
    const sniffed = this.#sniff(row, piece.bytes)
    if (sniffed.format === 'binary') {
      this.#finish(source, foreign(raw))
      return undefined
    }
    this.#table.clear()
    const final = atEnd && this.#isWhole(source)
    const { line, skip } = row
    const cut = cutRecords(
      sniffed.framing,
      { bytes: piece.bytes, length: piece.bytes.length, final, line, maxRecordBytes, skip },
      this.#table,
    )
    const position = row.position + (final ? raw.length : piece.rawLength(cut.consumed))
    const start = row.offset + (encoding === 'utf8' ? piece.rawLength(0) : 0)
    if (position > row.position) {
      this.#rows.update(row.id, {
        position,
        offset: start + cut.consumed,
        markerHash: source.markerAt(position),
        line: cut.line,
        skip: cut.skip,
        sniffed,
        encoding,
        size: Math.max(plain ? this.#match.found.size : 0, row.size, position),
      })
    }
    const read =
      this.#table.count > 0 ? { block: this.#block(piece.bytes, start, start + cut.consumed), sniffed } : undefined
    if (atEnd) this.#finish(source, '')
    return read
  }

  /** A file is looked at anew until a record of it was read and its format known. */
  #sniff(row: StoredFile, bytes: Buffer): Sniffed {
    const { sniffed } = row
    if (sniffed !== undefined && row.position > 0 && sniffed.format !== 'unknown') return sniffed
    let start = 0
    while (start < bytes.length && bytes[start] === 0) start++
    const fresh = this.#options.sniff(bytes.subarray(start), this.#match.found.path)
    if (sniffed === undefined || row.position === 0) return fresh
    return fresh.framing === sniffed.framing && fresh.format !== 'binary' ? fresh : sniffed
  }

  /** Whether nothing will be added to an unterminated last record. */
  #isWhole(source: ByteSource): boolean {
    if (source.end === 'complete' || this.#unlinked) return true
    return this.#isSettled()
  }

  #isSettled(): boolean {
    return this.#options.now - this.#match.found.modifiedAt >= this.#options.settleMs
  }

  /** Closes the account of a file read to its end: untouched, it is not opened again. */
  #finish(source: ByteSource, found: string): void {
    this.#done = true
    const { signed, signature } = this.#match.found
    const row = this.#row
    const problem = found || this.#damage(source, row.position)
    const settled = problem !== '' || source.end === 'complete' || row.position >= this.#match.found.size
    const compressed = source.end === 'open' ? undefined : row.position
    this.#rows.update(row.id, {
      problem,
      size: compressed ?? this.#match.found.size,
      signature: settled && signed ? signature : '',
    })
  }

  #damage(source: ByteSource, position: number): string {
    switch (source.end) {
      case 'open':
      case 'complete':
        return ''
      case 'truncated':
        return this.#isSettled() ? `truncated_gzip: it breaks off; the ${position} bytes before that were read` : ''
      case 'corrupt':
        return `corrupt_gzip: it is damaged; the ${position} bytes before the damage were read`
      case 'bomb':
        return `gzip_bomb: it expands beyond reason; the first ${position} bytes were read`
      default:
        return source.end satisfies never
    }
  }

  #block(bytes: Buffer, start: number, endOffset: number): RecordBlock {
    const { path, modifiedAt } = this.#match.found
    const source = { id: this.#match.id, path, modifiedAt }
    return { source, bytes, count: this.#table.count, ...this.#table.columns(start), endOffset }
  }
}

const FOREIGN_COMPRESSION: readonly (readonly [string, string])[] = [
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a585a00'],
  ['bzip2', '425a68'],
  ['zip', '504b0304'],
]

/** Why a file that is not text is left alone. */
function foreign(head: Buffer): string {
  const hex = head.toString('hex', 0, 8)
  const compression = FOREIGN_COMPRESSION.find(([, magic]) => hex.startsWith(magic))
  if (compression === undefined) return 'binary: it does not look like text'
  return `unsupported_compression: it is compressed with ${compression[0]}; only gzip is read`
}

function decode(raw: Buffer, encoding: 'utf8' | 'utf16le' | 'utf16be', position: number): Piece {
  const bom = position === 0 ? detectEncoding(raw).bom : 0
  const text = raw.subarray(bom)
  if (encoding === 'utf8') return { bytes: text, rawLength: (consumed) => bom + consumed }
  const bytes = decodeUtf16(text, encoding)
  return { bytes, rawLength: (consumed) => bom + utf16Length(bytes, consumed) }
}
