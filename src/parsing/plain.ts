import { OUTCOME_UNKNOWN, type RecordBlock, SliceColumn } from '../core/columns/block.ts'
import type { Parsed } from '../core/parsed.ts'
import { EVENT_TYPES } from './event-types.ts'
import { Rows } from './rows.ts'
import { CodeColumn } from './text-columns.ts'
import { IsoTime } from './time/iso-time.ts'
import { SyslogTime } from './time/syslog-time.ts'

/** Lines of no known format, for files that an override declares `plain`: all message, with the time they begin with. */
export class PlainParser {
  readonly #iso = new IsoTime()
  readonly #bsd = new SyslogTime()

  parse(block: RecordBlock): Parsed {
    const rows = new Rows(block)
    const time = new Float64Array(block.count)
    const starts = new Uint32Array(block.count)
    const ends = new Uint32Array(block.count)
    for (let i = 0; i < block.count; i++) {
      if (rows.isBlank(i)) {
        rows.skip()
        continue
      }
      const start = rows.contentStart(i)
      time[rows.count] = this.#time(rows.text, start, block)
      starts[rows.count] = start
      ends[rows.count] = block.ends[i]
      rows.keep(i)
    }
    return { events: this.#block(rows, time, starts, ends), rejects: rows.rejects, skipped: rows.skipped }
  }

  #time(text: string, start: number, block: RecordBlock): number {
    const at = text.charCodeAt(start) === 0x5b ? start + 1 : start
    const iso = this.#iso.readAt(text, at)
    return Number.isNaN(iso) ? this.#bsd.readAt(text, at, block.source) : iso
  }

  #block(rows: Rows, time: Float64Array, starts: Uint32Array, ends: Uint32Array): Parsed['events'] {
    const count = rows.count
    const empty = new CodeColumn(new Uint8Array(count), [''])
    return {
      kind: 'security',
      format: 'plain',
      source: rows.block.source,
      count,
      ...rows.columns(),
      time: time.subarray(0, count),
      outcome: new Uint8Array(count).fill(OUTCOME_UNKNOWN),
      user: empty,
      sourceIp: empty,
      host: empty,
      program: empty,
      action: empty,
      eventType: new CodeColumn(new Uint8Array(count), EVENT_TYPES),
      message: new SliceColumn(rows.source, starts, ends, rows.ascii),
    }
  }
}
