import { decodeUtf8, RECORD_TRUNCATED, type RecordBlock } from '../../core/columns/block.ts'
import type { Parsed } from '../../core/parsed.ts'
import { BlockRecords } from '../block-records.ts'
import { splitRow, splitSlices } from './csv-row.ts'
import { EventReader } from './event-reader.ts'
import { FIELD, FIELD_COUNT, fieldOf } from './fields.ts'
import { SecurityTable } from './security-table.ts'

const DELIMITERS = [',', ';', '\t', '|'] as const

/** The layout of the rows, from the header row. */
interface CsvHeader {
  readonly text: string
  /** Length of the header in bytes. */
  readonly bytes: number
  readonly delimiter: string
  readonly width: number
  /** Column of each field of FIELD; -1 if absent. */
  readonly columns: Int32Array
  /** True if the last column is the message, which may contain unquoted delimiters. */
  readonly openEnded: boolean
}

/** Reads a header row. Returns null unless at least two names are fields of a security event. */
export function readHeader(text: string): CsvHeader | null {
  const delimiter = DELIMITERS.reduce((best, next) => (count(text, next) > count(text, best) ? next : best))
  const names: string[] = []
  const width = splitRow(text, delimiter, names)
  if (width < 2 || width > 1024) return null
  const columns = new Int32Array(FIELD_COUNT).fill(-1)
  const ranks = new Uint8Array(FIELD_COUNT).fill(255)
  let known = 0
  for (let i = 0; i < width; i++) {
    const name = fieldOf(names[i].trim())
    if (name === undefined || name.rank >= ranks[name.field]) continue
    if (columns[name.field] < 0) known++
    columns[name.field] = i
    ranks[name.field] = name.rank
  }
  if (known < 2) return null
  return {
    text,
    bytes: Buffer.byteLength(text),
    delimiter,
    width,
    columns,
    openEnded: columns[FIELD.message] === width - 1,
  }
}

function count(text: string, delimiter: string): number {
  return text.split(delimiter).length
}

/** Parses CSV rows into a SecurityBlock. The header row arrives with every block, as `Sniffed.context`. */
export class CsvParser {
  readonly #reader = new EventReader()
  readonly #cells: string[] = []
  /** Starts and ends of a row's cells, if all cells are slices of the row. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #header: CsvHeader | null = null

  parse(block: RecordBlock, context: string): Parsed {
    const records = new BlockRecords(block)
    const table = new SecurityTable(records, this.#reader)
    if (this.#header?.text !== context) this.#header = readHeader(context)
    for (let i = 0; i < block.count; i++) this.#row(records, i, table)
    return { events: table.block('csv'), rejects: records.rejects, skipped: records.skipped }
  }

  #row(records: BlockRecords, record: number, table: SecurityTable): void {
    if (records.passBlank(record)) return
    const start = records.contentStart(record)
    const end = records.contentEnd(record)
    const header = this.#header
    if (header !== null && end - start === header.bytes && textOf(records, start, end) === header.text) {
      records.skip()
      return
    }
    table.clear()
    const reason =
      header !== null && this.#slices(records, start, end, header, table)
        ? ''
        : this.#read(textOf(records, start, end), (records.block.flags[record] & RECORD_TRUNCATED) !== 0, table)
    if (reason === '') {
      table.next()
      records.keep(record)
    } else records.reject(record, reason)
  }

  /** Fills the table row with slices of the text, which works for nearly every row; returns false if it does not. */
  #slices(records: BlockRecords, start: number, end: number, header: CsvHeader, table: SecurityTable): boolean {
    const width = splitSlices(records.block.bytes, start, end, header.delimiter.charCodeAt(0), this.#starts, this.#ends)
    if (width !== header.width) return false
    for (let field = 0; field < FIELD_COUNT; field++) {
      const column = header.columns[field]
      if (column >= 0) table.slice(field, this.#starts[column], this.#ends[column])
    }
    return true
  }

  /** Fills the table row with strings. Returns the reason if the row is invalid, or the empty string. */
  #read(row: string, truncated: boolean, table: SecurityTable): string {
    const header = this.#header
    if (header === null) return 'the file has no CSV header with at least two known field names'
    const cells = this.#cells
    const width = splitRow(row, header.delimiter, cells)
    if (width < 0 && !truncated) return 'the quotes of this CSV row are not balanced'
    if (width < header.width ? !truncated : width > header.width && !header.openEnded) {
      return `the row has ${width} fields, the header has ${header.width}`
    }
    for (let field = 0; field < FIELD_COUNT; field++) {
      const column = header.columns[field]
      if (column >= 0 && column < width) table.text(field, cells[column])
    }
    if (width > header.width) table.text(FIELD.message, cells.slice(header.width - 1, width).join(header.delimiter))
    return ''
  }
}

function textOf(records: BlockRecords, start: number, end: number): string {
  const slice = records.text.slice(start, end)
  return records.ascii ? slice : decodeUtf8(slice)
}
