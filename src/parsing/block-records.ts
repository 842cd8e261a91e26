import { isAscii } from 'node:buffer'
import { decodeUtf8, RECORD_HOLE, type RecordBlock, SliceColumn, type StringColumn } from '../core/columns/block.ts'
import { ByteText } from '../core/columns/byte-text.ts'
import type { Dictionary, Ids } from '../core/columns/dictionary.ts'
import type { Reject } from '../core/parsed.ts'

/** Most characters kept of a rejected record. */
const REJECT_TEXT_LIMIT = 2048

const HOLE = 'a block of NUL bytes, as a power failure or a truncated file leaves; what was there is lost'

/**
 * Tracks the records of one block: each is kept as an event, rejected, or skipped, exactly once. `text` is the block's
 * text with one character per byte, so byte offsets are string offsets.
 */
export class BlockRecords {
  readonly block: RecordBlock
  readonly text: string
  readonly ascii: boolean
  readonly rejects: Reject[] = []
  count = 0
  skipped = 0
  /** A copy of the block's bytes that may outlive the block. */
  readonly source: ByteText
  readonly #kept: Uint32Array

  constructor(block: RecordBlock) {
    const end = block.count === 0 ? 0 : block.ends[block.count - 1]
    this.block = block
    this.text = block.bytes.toString('latin1', 0, end)
    this.source = new ByteText(Buffer.from(block.bytes.subarray(0, end)))
    this.ascii = isAscii(this.source.bytes)
    this.#kept = new Uint32Array(block.count)
  }

  /** A function that numbers slices of the text on first use. */
  numbers(dictionary: Dictionary, starts: Uint32Array, ends: Uint32Array): () => Ids {
    return () => dictionary.encode(this.source.bytes, starts, ends)
  }

  /** Keeps a record as the next event. */
  keep(record: number): void {
    this.#kept[this.count++] = record
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

  /**
   * Skips a record that has only white space and NULs, and returns whether it is one. A hole is rejected, because lines
   * may be missing there.
   */
  passBlank(record: number): boolean {
    if (!this.#isBlank(record)) return false
    const { starts, ends, lines, offsets, flags } = this.block
    if ((flags[record] & RECORD_HOLE) === 0) {
      this.skip()
      return true
    }
    const length = ends[record] - starts[record]
    this.rejects.push({ line: lines[record], offset: offsets[record], length, reason: HOLE, text: '' })
    return true
  }

  #isBlank(record: number): boolean {
    const { bytes, starts, ends } = this.block
    for (let i = starts[record]; i < ends[record]; i++) {
      const byte = bytes[i]
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0 && (byte < 0x09 || byte > 0x0d))) return false
    }
    return true
  }

  /**
   * Start of a record's text: after a byte order mark, and after NULs, which appear when a file is truncated under its
   * writer.
   */
  contentStart(record: number): number {
    const { bytes, ends } = this.block
    let start = this.block.starts[record]
    while (start < ends[record] && bytes[start] === 0) start++
    if (start + 3 <= ends[record] && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
      start += 3
    return start
  }

  /** End of a record's text: before the carriage return that a line of a CRLF file may have. */
  contentEnd(record: number): number {
    const end = this.block.ends[record]
    return end > this.block.starts[record] && this.block.bytes[end - 1] === 0x0d ? end - 1 : end
  }

  /**
   * The columns common to all blocks; `source` must start with the text. They are copies, because the reader reuses its
   * arrays.
   */
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

  /** Copies the values of the records that were kept. */
  #gather<T extends Uint32Array | Float64Array>(from: T, to: T): T {
    const records = this.#kept
    for (let i = 0; i < to.length; i++) to[i] = from[records[i]]
    return to
  }
}
