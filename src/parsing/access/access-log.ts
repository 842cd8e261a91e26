import { RECORD_TRUNCATED, type RecordBlock, SliceColumn } from '../../core/columns/block.ts'
import { Dictionary } from '../../core/columns/dictionary.ts'
import type { Parsed } from '../../core/parsed.ts'
import { BlockRecords } from '../block-records.ts'
import { AccessLine } from './access-line.ts'

// Index of each text column's starts in the slices; its ends follow.
const CLIENT = 0
const USER = 2
const METHOD = 4
const TARGET = 6
const PROTOCOL = 8
const REFERER = 10
const AGENT = 12
const VHOST = 14

/** Columns with repeated texts, for which later stages cache results by number. */
const NUMBERED = [CLIENT, METHOD, TARGET, REFERER, AGENT]

/** `Sniffed.context` of an access log whose lines begin with the virtual host. */
export const VHOST_CONTEXT = 'vhost'

/** Parses access logs into an HttpBlock. Between blocks it keeps the last midnight and the numbers of texts. */
export class AccessLogParser {
  readonly #line = new AccessLine()
  readonly #dictionaries = new Map(NUMBERED.map((column) => [column, new Dictionary()]))

  parse(block: RecordBlock, context: string): Parsed {
    const records = new BlockRecords(block)
    const columns = new AccessColumns(block.count)
    this.#scan(records, columns, context === VHOST_CONTEXT)
    return { events: columns.block(records, this.#dictionaries), rejects: records.rejects, skipped: records.skipped }
  }

  #scan(records: BlockRecords, columns: AccessColumns, vhost: boolean): void {
    const line = this.#line
    const { bytes, starts, ends, flags, count } = records.block
    const { text } = records
    for (let i = 0; i < count; i++) {
      const first = bytes[starts[i]]
      const start = first === 0 || first === 0xef ? records.contentStart(i) : starts[i]
      if (line.scan(text, bytes, start, ends[i], vhost, (flags[i] & RECORD_TRUNCATED) !== 0)) {
        columns.set(records.count, line)
        records.keep(i)
      } else if (!records.passBlank(i)) records.reject(i, line.reason)
    }
  }
}

/** Typed arrays for the lines of one block. */
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

  block(records: BlockRecords, dictionaries: ReadonlyMap<number, Dictionary>): Parsed['events'] {
    const count = records.count
    const slices = this.#slices
    const capacity = this.#capacity
    const part = (index: number) => slices.subarray(index * capacity, index * capacity + count)
    const column = (index: number) => {
      const starts = part(index)
      const ends = part(index + 1)
      const dictionary = dictionaries.get(index)
      const ids = dictionary && records.numbers(dictionary, starts, ends)
      return new SliceColumn(records.source, starts, ends, records.ascii, ids)
    }
    return {
      kind: 'http',
      format: 'access',
      source: records.block.source,
      count,
      ...records.columns(),
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
