import type { Config } from '../../../config/schema.ts'
import type { EventBlock, RecordBlock } from '../../../core/columns/block.ts'
import { OddlineError } from '../../../core/errors.ts'
import { explainFirst, type LineExplanation } from '../../../detectors/rules/explain-line.ts'
import { loadRules } from '../../../detectors/rules/loading/load.ts'
import { ruleDirectories } from '../../../detectors/rules/loading/rule-files.ts'
import { requestBlock } from '../../../detectors/rules/selftest/events.ts'
import { createParser } from '../../../parsing/parser.ts'
import { sniff } from '../../../parsing/sniff.ts'

/** Throws an OddlineError INPUT_UNREADABLE if the line is neither a request nor in a format that is known. */
export function explainLine(settings: Config['detection']['rules'], line: string): LineExplanation {
  return explainFirst(loadRules(ruleDirectories(settings), settings), eventOf(line), settings)
}

const REQUEST = /^(?:([A-Z]{3,16}) )?(\/.*?)(?: HTTP\/[\d.]+)?$/

function eventOf(line: string): EventBlock {
  const request = REQUEST.exec(line)
  if (request) return requestBlock([{ method: request[1] ?? 'GET', target: request[2] }])
  const bytes = Buffer.from(`${line}\n`, 'utf8')
  const sniffed = sniff(bytes, 'line')
  if (sniffed.format === 'unknown') throw unreadable('give a whole line of a log, or a request such as /path?a=b')
  const { events, rejects } = createParser().parse(oneRecord(bytes), sniffed)
  if (events.count === 0) throw unreadable(rejects[0]?.reason ?? 'it holds nothing')
  return events
}

function unreadable(reason: string): OddlineError {
  return new OddlineError('INPUT_UNREADABLE', `the line cannot be read: ${reason}`)
}

function oneRecord(bytes: Buffer): RecordBlock {
  return {
    source: { id: 0, path: 'line', modifiedAt: Date.now() },
    bytes,
    count: 1,
    starts: Uint32Array.of(0),
    ends: Uint32Array.of(bytes.length - 1),
    flags: Uint8Array.of(0),
    lines: Uint32Array.of(1),
    offsets: Float64Array.of(0),
    endOffset: bytes.length,
  }
}
