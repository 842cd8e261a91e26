import { isAscii } from 'node:buffer'
import { type SecurityBlock, SliceColumn } from '../../core/columns/block.ts'
import { ByteText } from '../../core/columns/byte-text.ts'
import type { BlockRecords } from '../block-records.ts'
import { addressWithin } from './address.ts'
import type { EventReader } from './event-reader.ts'
import { FIELD, FIELD_COUNT } from './fields.ts'

/**
 * Columns of structured security events, filled field by field, for JSON and CSV. Most values are slices of the block's
 * text; values that were unescaped or unquoted are appended to that text.
 */
export class SecurityTable {
  readonly #records: BlockRecords
  readonly #reader: EventReader
  readonly #capacity: number
  /** Starts and ends of the fields, one column after the other. */
  readonly #slices: Uint32Array
  readonly #made: string[] = []
  #madeLength = 0
  #row = 0

  constructor(records: BlockRecords, reader: EventReader) {
    this.#records = records
    this.#reader = reader
    this.#capacity = records.block.count
    this.#slices = new Uint32Array(2 * FIELD_COUNT * this.#capacity)
  }

  /** Clears the current row. */
  clear(): void {
    for (let column = 0; column < 2 * FIELD_COUNT; column++) this.#slices[column * this.#capacity + this.#row] = 0
  }

  /** Sets a field of the current row to a slice of the block's text. */
  slice(field: number, start: number, end: number): void {
    const at = 2 * field * this.#capacity + this.#row
    this.#slices[at] = start
    this.#slices[at + this.#capacity] = end
  }

  /** Sets a field of the current row to a new text. */
  text(field: number, value: string): void {
    if (value === '') return
    const bytes = Buffer.from(value, 'utf8').toString('latin1')
    const start = this.#records.text.length + this.#madeLength
    this.#made.push(bytes)
    this.#madeLength += bytes.length
    this.slice(field, start, start + bytes.length)
  }

  /** Completes the current row and starts the next one. */
  next(): void {
    this.#row++
  }

  block(format: 'json' | 'csv'): SecurityBlock {
    const records = this.#records
    const { count } = records
    const made = this.#made.join('')
    const text = made === '' ? records.text : records.text + made
    const source = made === '' ? records.source : ByteText.of(text)
    const ascii = made === '' ? records.ascii : isAscii(source.bytes)
    const reader = this.#reader
    const fields = Array.from({ length: FIELD_COUNT }, (_, field) => this.#column(field, text, source, ascii))
    const { starts, ends } = fields[FIELD.time]
    const time = new Float64Array(count)
    for (let i = 0; i < count; i++) time[i] = reader.time(text, starts[i], ends[i])
    const outcome = reader.outcomes(fields, count)
    return {
      kind: 'security',
      format,
      source: records.block.source,
      count,
      ...records.columns(source),
      time,
      outcome,
      user: fields[FIELD.user],
      sourceIp: fields[FIELD.sourceIp],
      host: fields[FIELD.host],
      program: fields[FIELD.program],
      eventType: reader.types(fields, outcome),
      action: fields[FIELD.action],
      message: fields[FIELD.message],
    }
  }

  #column(field: number, text: string, source: ByteText, ascii: boolean): SliceColumn {
    const { count } = this.#records
    const from = 2 * field * this.#capacity
    const starts = this.#slices.subarray(from, from + count)
    const ends = this.#slices.subarray(from + this.#capacity, from + this.#capacity + count)
    if (field === FIELD.sourceIp) for (let i = 0; i < count; i++) addressWithin(text, starts, ends, i)
    const dictionary = this.#reader.dictionary(field)
    const ids = dictionary && (() => dictionary.encode(source.bytes, starts, ends))
    return new SliceColumn(source, starts, ends, ascii, ids)
  }
}
