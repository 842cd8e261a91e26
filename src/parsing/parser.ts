import type { RecordBlock } from '../core/columns/block.ts'
import type { Parsed, Sniffed } from '../core/parsed.ts'
import { AccessLogParser } from './access/access-log.ts'
import { BlockRecords } from './block-records.ts'
import { CsvParser } from './events/csv-events.ts'
import { JsonParser } from './events/json-events.ts'
import { PlainParser } from './plain.ts'
import { SyslogParser } from './syslog/syslog.ts'

/** Parses records into events. It never throws for bad data: such a record is rejected with a reason. */
export interface LogParser {
  /** Each record of the block becomes an event, is rejected, or is skipped. */
  parse(block: RecordBlock, sniffed: Sniffed): Parsed
}

/** Creates a parser. One parser handles any number of files in any order; it keeps only small caches. */
export function createParser(): LogParser {
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
          return refuse(block, 'the format of the file is unknown; set it under logs.formats in the configuration')
        default:
          return sniffed.format satisfies never
      }
    },
  }
}

function refuse(block: RecordBlock, reason: string): Parsed {
  const records = new BlockRecords(block)
  for (let i = 0; i < block.count; i++) {
    if (!records.passBlank(i)) records.reject(i, reason)
  }
  const events = new PlainParser().parse({ ...block, count: 0 }).events
  return { events, rejects: records.rejects, skipped: records.skipped }
}
