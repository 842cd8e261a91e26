import { OUTCOME_UNKNOWN, type RecordBlock, SliceColumn } from '../core/columns/block.ts'
import type { Parsed } from '../core/parsed.ts'
import { BlockRecords } from './block-records.ts'
import { EVENT_TYPES } from './event-types.ts'
import { CodeColumn } from './text-columns.ts'
import { IsoTime } from './time/iso-time.ts'
import { SyslogTime } from './time/syslog-time.ts'

/**
 * Parses files that the configuration declares `plain`: the whole line is the message, with the time at its start if it
 * has one.
 */
export class PlainParser {
  readonly #iso = new IsoTime()
  readonly #bsd = new SyslogTime()

  parse(block: RecordBlock): Parsed {
    const records = new BlockRecords(block)
    const time = new Float64Array(block.count)
    const starts = new Uint32Array(block.count)
    const ends = new Uint32Array(block.count)
    for (let i = 0; i < block.count; i++) {
      if (records.passBlank(i)) continue
      const start = records.contentStart(i)
      time[records.count] = this.#time(records.text, start, block)
      starts[records.count] = start
      ends[records.count] = block.ends[i]
      records.keep(i)
    }
    return { events: this.#block(records, time, starts, ends), rejects: records.rejects, skipped: records.skipped }
  }

  #time(text: string, start: number, block: RecordBlock): number {
    const at = text.charCodeAt(start) === 0x5b ? start + 1 : start
    const iso = this.#iso.readAt(text, at)
    return Number.isNaN(iso) ? this.#bsd.readAt(text, at, block.source) : iso
  }

  #block(records: BlockRecords, time: Float64Array, starts: Uint32Array, ends: Uint32Array): Parsed['events'] {
    const count = records.count
    const empty = new CodeColumn(new Uint8Array(count), [''])
    return {
      kind: 'security',
      format: 'plain',
      source: records.block.source,
      count,
      ...records.columns(),
      time: time.subarray(0, count),
      outcome: new Uint8Array(count).fill(OUTCOME_UNKNOWN),
      user: empty,
      sourceIp: empty,
      host: empty,
      program: empty,
      action: empty,
      eventType: new CodeColumn(new Uint8Array(count), EVENT_TYPES),
      message: new SliceColumn(records.source, starts, ends, records.ascii),
    }
  }
}
