import { isAscii } from 'node:buffer'
import { decodeUtf8, type RecordBlock, SliceColumn, type StringColumn } from '../core/columns/block.ts'
import { ByteText } from '../core/columns/byte-text.ts'
import type { Dictionary, Ids } from '../core/columns/dictionary.ts'
import type { Reject } from '../core/parsed.ts'

/** Characters of a rejected record that are kept. */
const REJECT_TEXT_LIMIT = 2048

/**
 * The account of one block: every record is kept as an event, rejected, or skipped, exactly once. It also holds the
 * block's text with a character per byte, so that a byte offset is a string offset.
 */
export class Rows {
  readonly block: RecordBlock
  readonly text: string
  readonly ascii: boolean
  readonly rejects: Reject[] = []
  count = 0
  skipped = 0
  /** The same as bytes that outlive the block's own. */
  readonly source: ByteText
  readonly #records: Uint32Array

  constructor(block: RecordBlock) {
    const end = block.count === 0 ? 0 : block.ends[block.count - 1]
    this.block = block
    this.text = block.bytes.toString('latin1', 0, end)
    this.source = new ByteText(Buffer.from(block.bytes.subarray(0, end)))
    this.ascii = isAscii(this.source.bytes)
    this.#records = new Uint32Array(block.count)
  }

  /** The numbers of slices of the text, when they are asked for. */
  numbers(dictionary: Dictionary, starts: Uint32Array, ends: Uint32Array): () => Ids {
    return () => dictionary.encode(this.source.bytes, starts, ends)
  }

  /** Makes a record the next event. */
  keep(record: number): void {
    this.#records[this.count++] = record
  }

  reject(record: number, reason: string): void {
    const { starts, ends, lines, offsets } = this.block
    const start = starts[record]
    const end = ends[record]
    const text = decodeUtf8(this.text.slice(start, Math.min(end, start + REJECT_TEXT_LIMIT)))
    this.rejects.push({ line: lines[record], offset: offsets[record], length: end - start, reason, text })
  }

  skip(): void {
    this.skipped++
  }

  /** A record of nothing but blanks, line ends and NULs. */
  isBlank(record: number): boolean {
    const { bytes, starts, ends } = this.block
    for (let i = starts[record]; i < ends[record]; i++) {
      const byte = bytes[i]
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0 && (byte < 0x09 || byte > 0x0d))) return false
    }
    return true
  }

  /** Where the text of a record begins: after the NULs that truncating a file under its writer leaves, or a byte order mark. */
  contentStart(record: number): number {
    const { bytes, ends } = this.block
    let start = this.block.starts[record]
    while (start < ends[record] && bytes[start] === 0) start++
    if (start + 3 <= ends[record] && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
      start += 3
    return start
  }

  /** Where the text of a record ends: before the carriage return that a line of a CRLF file may still have. */
  contentEnd(record: number): number {
    const end = this.block.ends[record]
    return end > this.block.starts[record] && this.block.bytes[end - 1] === 0x0d ? end - 1 : end
  }

  /** The columns that every kind of block has; `source` begins with the text. The reader may reuse its arrays, so they are copied. */
  columns(source = this.source): {
    lines: Uint32Array
    offsets: Float64Array
    lengths: Uint32Array
    raw: StringColumn
  } {
    const { block, count } = this
    const whole = count === block.count
    const starts = whole ? block.starts.slice(0, count) : this.#gather(block.starts, new Uint32Array(count))
    const ends = whole ? block.ends.slice(0, count) : this.#gather(block.ends, new Uint32Array(count))
    const lines = whole ? block.lines.slice(0, count) : this.#gather(block.lines, new Uint32Array(count))
    const offsets = whole ? block.offsets.slice(0, count) : this.#gather(block.offsets, new Float64Array(count))
    const lengths = new Uint32Array(count)
    for (let i = 0; i < count; i++) lengths[i] = ends[i] - starts[i]
    return { lines, offsets, lengths, raw: new SliceColumn(source, starts, ends, this.ascii) }
  }

  /** The values of the records that became events. */
  #gather<T extends Uint32Array | Float64Array>(from: T, to: T): T {
    const records = this.#records
    for (let i = 0; i < to.length; i++) to[i] = from[records[i]]
    return to
  }
}
