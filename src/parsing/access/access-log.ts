import { RECORD_TRUNCATED, type RecordBlock, SliceColumn } from '../../core/columns/block.ts'
import { Dictionary } from '../../core/columns/dictionary.ts'
import type { Parsed } from '../../core/parsed.ts'
import { Rows } from '../rows.ts'
import { AccessLine } from './access-line.ts'

// Starts of the text columns among the slices.
const CLIENT = 0
const USER = 2
const METHOD = 4
const TARGET = 6
const PROTOCOL = 8
const REFERER = 10
const AGENT = 12
const VHOST = 14

/** Columns whose texts come again and again, and that something is kept for. */
const NUMBERED = [CLIENT, METHOD, TARGET, REFERER, AGENT]

/** `Sniffed.context` of an access log whose lines begin with the virtual host. */
export const VHOST_CONTEXT = 'vhost'

/** Access logs to an HttpBlock. Keeps nothing between blocks but the last day's midnight and numbers for texts. */
export class AccessLogParser {
  readonly #line = new AccessLine()
  readonly #dictionaries = new Map(NUMBERED.map((column) => [column, new Dictionary()]))

  parse(block: RecordBlock, context: string): Parsed {
    const rows = new Rows(block)
    const columns = new AccessColumns(block.count)
    this.#scan(rows, columns, context === VHOST_CONTEXT)
    return { events: columns.block(rows, this.#dictionaries), rejects: rows.rejects, skipped: rows.skipped }
  }

  #scan(rows: Rows, columns: AccessColumns, vhost: boolean): void {
    const line = this.#line
    const { bytes, starts, ends, flags, count } = rows.block
    const { text } = rows
    for (let i = 0; i < count; i++) {
      const first = bytes[starts[i]]
      const start = first === 0 || first === 0xef ? rows.contentStart(i) : starts[i]
      if (line.scan(text, bytes, start, ends[i], vhost, (flags[i] & RECORD_TRUNCATED) !== 0)) {
        columns.set(rows.count, line)
        rows.keep(i)
      } else if (rows.isBlank(i)) rows.skip()
      else rows.reject(i, line.reason)
    }
  }
}

/** Typed arrays for a block's worth of lines. */
class AccessColumns {
  readonly #time: Float64Array
  readonly #status: Uint16Array
  readonly #bytes: Float64Array
  readonly #capacity: number
  /** Starts and ends of the eight text columns, one column after the other. */
  readonly #slices: Uint32Array

  constructor(capacity: number) {
    this.#time = new Float64Array(capacity)
    this.#status = new Uint16Array(capacity)
    this.#bytes = new Float64Array(capacity)
    this.#capacity = capacity
    this.#slices = new Uint32Array(16 * capacity)
  }

  set(row: number, line: AccessLine): void {
    const slices = this.#slices
    const capacity = this.#capacity
    this.#time[row] = line.time
    this.#status[row] = line.status
    this.#bytes[row] = line.bytes
    slices[row] = line.clientStart
    slices[row + capacity] = line.clientEnd
    slices[row + 2 * capacity] = line.userStart
    slices[row + 3 * capacity] = line.userEnd
    slices[row + 4 * capacity] = line.methodStart
    slices[row + 5 * capacity] = line.methodEnd
    slices[row + 6 * capacity] = line.targetStart
    slices[row + 7 * capacity] = line.targetEnd
    slices[row + 8 * capacity] = line.protocolStart
    slices[row + 9 * capacity] = line.protocolEnd
    slices[row + 10 * capacity] = line.refererStart
    slices[row + 11 * capacity] = line.refererEnd
    slices[row + 12 * capacity] = line.agentStart
    slices[row + 13 * capacity] = line.agentEnd
    slices[row + 14 * capacity] = line.vhostStart
    slices[row + 15 * capacity] = line.vhostEnd
  }

  block(rows: Rows, dictionaries: ReadonlyMap<number, Dictionary>): Parsed['events'] {
    const count = rows.count
    const slices = this.#slices
    const capacity = this.#capacity
    const part = (index: number) => slices.subarray(index * capacity, index * capacity + count)
    const column = (index: number) => {
      const starts = part(index)
      const ends = part(index + 1)
      const dictionary = dictionaries.get(index)
      const ids = dictionary && rows.numbers(dictionary, starts, ends)
      return new SliceColumn(rows.source, starts, ends, rows.ascii, ids)
    }
    return {
      kind: 'http',
      format: 'access',
      source: rows.block.source,
      count,
      ...rows.columns(),
      time: this.#time.subarray(0, count),
      client: column(CLIENT),
      user: column(USER),
      method: column(METHOD),
      target: column(TARGET),
      protocol: column(PROTOCOL),
      status: this.#status.subarray(0, count),
      bytes: this.#bytes.subarray(0, count),
      referer: column(REFERER),
      userAgent: column(AGENT),
      vhost: column(VHOST),
    }
  }
}
