import type { RecordBlock } from '../core/columns/block.ts'
import type { Parsed, Sniffed } from '../core/parsed.ts'
import { AccessLogParser } from './access/access-log.ts'
import { CsvParser } from './events/csv-events.ts'
import { JsonParser } from './events/json-events.ts'
import { PlainParser } from './plain.ts'
import { Rows } from './rows.ts'
import { SyslogParser } from './syslog/syslog.ts'

/** Turns records into events. Never throws for data: what cannot be read is rejected with its reason. */
export interface Parser {
  /** Every record of the block is exactly one of an event, a reject, or skipped. */
  parse(block: RecordBlock, sniffed: Sniffed): Parsed
}

/** One parser serves any number of files in any order; it keeps nothing but small caches. */
export function createParser(): Parser {
  const access = new AccessLogParser()
  const syslog = new SyslogParser()
  const json = new JsonParser()
  const csv = new CsvParser()
  const plain = new PlainParser()
  return {
    parse(block, sniffed) {
      switch (sniffed.format) {
        case 'access':
          return access.parse(block, sniffed.context)
        case 'syslog':
          return syslog.parse(block)
        case 'json':
          return json.parse(block)
        case 'csv':
          return csv.parse(block, sniffed.context)
        case 'plain':
          return plain.parse(block)
        case 'binary':
          return refuse(block, 'the file is binary')
        case 'unknown':
          return refuse(block, 'the format of the file is not known; name it under logs.formats in the configuration')
        default:
          return sniffed.format satisfies never
      }
    },
  }
}

function refuse(block: RecordBlock, reason: string): Parsed {
  const rows = new Rows(block)
  for (let i = 0; i < block.count; i++) {
    if (rows.isBlank(i)) rows.skip()
    else rows.reject(i, reason)
  }
  const events = new PlainParser().parse({ ...block, count: 0 }).events
  return { events, rejects: rows.rejects, skipped: rows.skipped }
}
