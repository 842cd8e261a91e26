import { decodeUtf8, RECORD_TRUNCATED, type RecordBlock } from '../../core/columns/block.ts'
import type { Parsed } from '../../core/parsed.ts'
import { Rows } from '../rows.ts'
import { splitRow, splitSlices } from './csv-row.ts'
import { EventReader } from './event-reader.ts'
import { FIELD, FIELD_COUNT, fieldOf } from './fields.ts'
import { SecurityTable } from './security-table.ts'

const DELIMITERS = [',', ';', '\t', '|'] as const

/** What a header row says about the rows below it. */
interface CsvHeader {
  readonly text: string
  /** Its length in bytes. */
  readonly bytes: number
  readonly delimiter: string
  readonly width: number
  /** Per field of FIELD the column that holds it, or -1. */
  readonly columns: Int32Array
  /** Whether the last column is the message, which then may hold delimiters that nobody quoted. */
  readonly openEnded: boolean
}

/** Reads a header row; null where its names are not those of a security event. Two known fields make it one. */
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

/** Security events as CSV rows to a SecurityBlock. The header row comes with every block, as `Sniffed.context`. */
export class CsvParser {
  readonly #reader = new EventReader()
  readonly #cells: string[] = []
  /** Starts and ends of the cells of a row whose cells are parts of its text. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #header: CsvHeader | null = null

  parse(block: RecordBlock, context: string): Parsed {
    const rows = new Rows(block)
    const table = new SecurityTable(rows, this.#reader)
    if (this.#header?.text !== context) this.#header = readHeader(context)
    for (let i = 0; i < block.count; i++) this.#row(rows, i, table)
    return { events: table.block('csv'), rejects: rows.rejects, skipped: rows.skipped }
  }

  #row(rows: Rows, record: number, table: SecurityTable): void {
    if (rows.isBlank(record)) {
      rows.skip()
      return
    }
    const start = rows.contentStart(record)
    const end = rows.contentEnd(record)
    const header = this.#header
    if (header !== null && end - start === header.bytes && textOf(rows, start, end) === header.text) {
      rows.skip()
      return
    }
    table.clear()
    const reason =
      header !== null && this.#slices(rows, start, end, header, table)
        ? ''
        : this.#read(textOf(rows, start, end), (rows.block.flags[record] & RECORD_TRUNCATED) !== 0, table)
    if (reason === '') {
      table.next()
      rows.keep(record)
    } else rows.reject(record, reason)
  }

  /** Fills the row of the table with parts of the text, as nearly every row allows; false where it does not. */
  #slices(rows: Rows, start: number, end: number, header: CsvHeader, table: SecurityTable): boolean {
    const width = splitSlices(rows.block.bytes, start, end, header.delimiter.charCodeAt(0), this.#starts, this.#ends)
    if (width !== header.width) return false
    for (let field = 0; field < FIELD_COUNT; field++) {
      const column = header.columns[field]
      if (column >= 0) table.slice(field, this.#starts[column], this.#ends[column])
    }
    return true
  }

  /** The same through strings; returns why the row is none, or the empty string. */
  #read(row: string, truncated: boolean, table: SecurityTable): string {
    const header = this.#header
    if (header === null) return 'this file has no CSV header that names fields of an event'
    const cells = this.#cells
    const width = splitRow(row, header.delimiter, cells)
    if (width < 0 && !truncated) return 'the quotes of this CSV row do not match'
    if (width < header.width ? !truncated : width > header.width && !header.openEnded) {
      return `${width} fields where the header has ${header.width}`
    }
    for (let field = 0; field < FIELD_COUNT; field++) {
      const column = header.columns[field]
      if (column >= 0 && column < width) table.text(field, cells[column])
    }
    if (width > header.width) table.text(FIELD.message, cells.slice(header.width - 1, width).join(header.delimiter))
    return ''
  }
}

function textOf(rows: Rows, start: number, end: number): string {
  const slice = rows.text.slice(start, end)
  return rows.ascii ? slice : decodeUtf8(slice)
}
