import { RECORD_TRUNCATED, type RecordBlock, SliceColumn } from '../core/block.ts'
import type { Parsed } from '../core/parsed.ts'
import { AccessLine } from './access-line.ts'
import { Rows } from './rows.ts'

/** `Sniffed.context` of an access log whose lines begin with the virtual host. */
export const VHOST_CONTEXT = 'vhost'

/** Access logs to an HttpBlock. Keeps nothing between blocks but the last day's midnight. */
export class AccessLogParser {
  readonly #line = new AccessLine()

  parse(block: RecordBlock, context: string): Parsed {
    const rows = new Rows(block)
    const columns = new AccessColumns(block.count)
    this.#scan(rows, columns, context === VHOST_CONTEXT)
    return { events: columns.block(rows), rejects: rows.rejects, skipped: rows.skipped }
  }

  #scan(rows: Rows, columns: AccessColumns, vhost: boolean): void {
    const line = this.#line
    const { bytes, starts, ends, flags, count } = rows.block
    for (let i = 0; i < count; i++) {
      const first = bytes[starts[i]]
      const start = first === 0 || first === 0xef ? rows.contentStart(i) : starts[i]
      if (line.scan(bytes, start, ends[i], vhost, (flags[i] & RECORD_TRUNCATED) !== 0)) {
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
  /** Starts and ends of the eight text columns, a row of each column after the other. */
  readonly #slices: readonly Uint32Array[]

  constructor(capacity: number) {
    this.#time = new Float64Array(capacity)
    this.#status = new Uint16Array(capacity)
    this.#bytes = new Float64Array(capacity)
    this.#slices = Array.from({ length: 16 }, () => new Uint32Array(capacity))
  }

  set(row: number, line: AccessLine): void {
    const s = this.#slices
    this.#time[row] = line.time
    this.#status[row] = line.status
    this.#bytes[row] = line.bytes
    s[0][row] = line.clientStart
    s[1][row] = line.clientEnd
    s[2][row] = line.userStart
    s[3][row] = line.userEnd
    s[4][row] = line.methodStart
    s[5][row] = line.methodEnd
    s[6][row] = line.targetStart
    s[7][row] = line.targetEnd
    s[8][row] = line.protocolStart
    s[9][row] = line.protocolEnd
    s[10][row] = line.refererStart
    s[11][row] = line.refererEnd
    s[12][row] = line.agentStart
    s[13][row] = line.agentEnd
    s[14][row] = line.vhostStart
    s[15][row] = line.vhostEnd
  }

  block(rows: Rows): Parsed['events'] {
    const count = rows.count
    const slices = this.#slices
    const column = (start: number) => {
      return new SliceColumn(
        rows.text,
        slices[start].subarray(0, count),
        slices[start + 1].subarray(0, count),
        rows.ascii,
      )
    }
    return {
      kind: 'http',
      format: 'access',
      source: rows.block.source,
      count,
      ...rows.columns(),
      time: this.#time.subarray(0, count),
      client: column(0),
      user: column(2),
      method: column(4),
      target: column(6),
      protocol: column(8),
      status: this.#status.subarray(0, count),
      bytes: this.#bytes.subarray(0, count),
      referer: column(10),
      userAgent: column(12),
      vhost: column(14),
    }
  }
}
