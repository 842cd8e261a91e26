import type { RecordBlock } from '../core/columns/block.ts'
import type { StoredFile } from '../core/files/stored-file.ts'
import type { Sniffed } from '../core/parsed.ts'
import { decodeUtf16, detectEncoding, utf16Length } from './bytes/encoding.ts'
import { cutRecords } from './records/framer.ts'
import type { RecordTable } from './records/record-table.ts'

/** Where reading a file stands, and what is known of its content so far. */
export type Cursor = Pick<StoredFile, 'position' | 'offset' | 'line' | 'skip' | 'sniffed' | 'encoding'>

export const START: Cursor = { position: 0, offset: 0, line: 1, skip: '', sniffed: undefined, encoding: '' }

export interface CutOptions {
  readonly path: string
  /** Whether the content ends with this window, so that an unterminated last record is whole. */
  readonly final: boolean
  readonly maxRecordBytes: number
  readonly sniff: (head: Buffer, path: string) => Sniffed
}

export interface WindowStep {
  /** The same object if nothing was consumed. */
  readonly cursor: Cursor
  readonly sniffed: Sniffed
  /** The records of the window, if there are any. */
  readonly records: Omit<RecordBlock, 'source'> | undefined
}

/** Cuts the records of one window of a file, which begins at the cursor. Undefined if the content is not text. */
export function cutWindow(
  cursor: Cursor,
  raw: Buffer,
  options: CutOptions,
  table: RecordTable,
): WindowStep | undefined {
  const encoding = cursor.encoding === '' ? detectEncoding(raw).encoding : cursor.encoding
  const piece = decode(raw, encoding, cursor.position)
  const sniffed = sniffedOf(cursor, piece.bytes, options)
  if (sniffed.format === 'binary') return undefined
  const { final, maxRecordBytes } = options
  const { bytes } = piece
  const { line, skip } = cursor
  table.clear()
  const cut = cutRecords(sniffed.framing, { bytes, length: bytes.length, final, line, maxRecordBytes, skip }, table)
  const position = cursor.position + (final ? raw.length : piece.rawLength(cut.consumed))
  const start = cursor.offset + (encoding === 'utf8' ? piece.rawLength(0) : 0)
  const endOffset = start + cut.consumed
  const { count } = table
  return {
    cursor:
      position > cursor.position
        ? { position, offset: endOffset, line: cut.line, skip: cut.skip, sniffed, encoding }
        : cursor,
    sniffed,
    records: count > 0 ? { bytes, count, ...table.columns(start), endOffset } : undefined,
  }
}

/** The format of a file is detected again until one of its records was read and the format is known. */
function sniffedOf({ sniffed, position, line }: Cursor, bytes: Buffer, { sniff, path }: CutOptions): Sniffed {
  if (sniffed !== undefined && position > 0 && sniffed.format !== 'unknown') return sniffed
  const fresh = sniff(bytes, path)
  // Before the first newline there was no record yet, at most a hole.
  if (sniffed === undefined || line === 1) return fresh
  return fresh.framing === sniffed.framing && fresh.format !== 'binary' ? fresh : sniffed
}

interface Piece {
  readonly bytes: Buffer
  /** Number of content bytes that the first `consumed` of `bytes` were decoded from. */
  rawLength(consumed: number): number
}

function decode(raw: Buffer, encoding: 'utf8' | 'utf16le' | 'utf16be', position: number): Piece {
  const bom = position === 0 ? detectEncoding(raw).bom : 0
  const text = raw.subarray(bom)
  if (encoding === 'utf8') return { bytes: text, rawLength: (consumed) => bom + consumed }
  const bytes = decodeUtf16(text, encoding)
  return { bytes, rawLength: (consumed) => bom + utf16Length(bytes, consumed) }
}
