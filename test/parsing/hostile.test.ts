import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockFormat, EventBlock, RecordBlock, StringColumn } from '../../src/core/columns/block.ts'
import type { Parsed, Sniffed } from '../../src/core/parsed.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { sniff } from '../../src/parsing/sniff.ts'
import { blockOf } from './blocks.ts'

const FORMATS: readonly BlockFormat[] = ['access', 'syslog', 'json', 'csv', 'plain']

/** Pieces that mean something to one of the parsers, between bytes that mean nothing. */
const TOKENS = [
  '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /',
  ' HTTP/1.1" 200 5 "-" "curl/8"',
  '" 404 - "',
  '\\"',
  '\\',
  '" "',
  '"',
  '[',
  ']',
  ' - ',
  '\\x16\\x03',
  'Mar  7 06:25:24 web-1 sshd[99]: ',
  'Failed password for ',
  'invalid user ',
  ' from ',
  ' port 22',
  'message repeated 3 times: [ ',
  'pam_unix(sshd:auth): authentication failure; rhost=',
  ' user=',
  'COMMAND=',
  ' : ',
  '(to ',
  '<34>1 2017-03-07T06:25:24Z - - - - [',
  '{"timestamp":"2024-03-01T12:00:00Z","user":',
  '"amy"',
  '}',
  '{"a":',
  '1709294400,amy,',
  '""',
  ',',
  '\r',
  '\0',
  '\ufeff',
  'ä',
  '2024-02-30',
]

const piece = fc.oneof(
  fc.constantFrom(...TOKENS).map((token) => Buffer.from(token)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
)
const record = fc.array(piece, { maxLength: 10 }).map((pieces) => Buffer.concat(pieces))
const records = fc.array(record, { minLength: 1, maxLength: 12 })

function sniffedAs(format: BlockFormat, vhost: boolean): Sniffed {
  if (format === 'csv') return { format, framing: 'csv', context: 'time,user,message' }
  return { format, framing: 'lines', context: format === 'access' && vhost ? 'vhost' : '' }
}

function columnsOf(events: EventBlock): StringColumn[] {
  if (events.kind === 'http') {
    const { client, user, method, target, protocol, referer, userAgent, vhost } = events
    return [client, user, method, target, protocol, referer, userAgent, vhost]
  }
  const { user, sourceIp, host, program, eventType, action, message } = events
  return [user, sourceIp, host, program, eventType, action, message]
}

/** Each record is an event, a reject, or skipped; and what is said of it agrees with the file. */
function expectAccounted(block: RecordBlock, { events, rejects, skipped }: Parsed): void {
  expect(events.count + rejects.length + skipped).toBe(block.count)
  const told = [...events.lines, ...rejects.map((reject) => reject.line)]
  expect(new Set(told).size).toBe(told.length)
  for (let i = 0; i < events.count; i++) {
    const at = events.lines[i] - 1
    expect(events.offsets[i]).toBe(block.offsets[at])
    expect(events.lengths[i]).toBe(block.ends[at] - block.starts[at])
    expect(events.raw.at(i)).toBe(block.bytes.toString('utf8', block.starts[at], block.ends[at]))
    for (const column of columnsOf(events)) expect(column.at(i)).toBeTypeOf('string')
  }
  for (const { line, offset, length, reason, text } of rejects) {
    expect(offset).toBe(block.offsets[line - 1])
    expect(length).toBe(block.ends[line - 1] - block.starts[line - 1])
    expect(reason).not.toBe('')
    expect(block.bytes.toString('utf8', block.starts[line - 1], block.ends[line - 1]).startsWith(text)).toBe(true)
  }
}

describe('hostile bytes', () => {
  it.each(FORMATS)('never make the %s parser throw, lose a record, or tell one twice', (format) => {
    const parser = createParser()
    fc.assert(
      fc.property(records, fc.boolean(), fc.nat(3), (parts, vhost, flag) => {
        const block = blockOf(parts, { flags: new Uint8Array(parts.length).fill(flag & 1) })
        expectAccounted(block, parser.parse(block, sniffedAs(format, vhost)))
      }),
      { numRuns: 1500 },
    )
  })

  it('never make sniffing throw', () => {
    fc.assert(
      fc.property(records, (parts) => {
        const bytes = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]))
        expect(sniff(bytes, 'x.log').format).toBeTypeOf('string')
      }),
      { numRuns: 1500 },
    )
  })

  it('are never read beyond their record: neighbours do not change what a line says', () => {
    const parser = createParser()
    fc.assert(
      fc.property(records, fc.nat(), (parts, pick) => {
        const at = pick % parts.length
        for (const format of ['access', 'syslog', 'json', 'csv'] as const) {
          const among = parser.parse(blockOf(parts), sniffedAs(format, false))
          const alone = parser.parse(blockOf([parts[at]]), sniffedAs(format, false))
          expect(describeEvent(among, at + 1)).toEqual(describeEvent(alone, 1))
        }
      }),
      { numRuns: 1500 },
    )
  })

  it.each(FORMATS)('of a megabyte in one record cost the %s parser no more than a glance', (format) => {
    const sizes = ['"', '\\', ' ', '[', '{', ',', '\\"', '" "', ' from ', '[a "', ' : ', '(to ', '""'].map((token) =>
      Buffer.from(token.repeat(1_000_000 / token.length)),
    )
    const heads = [
      '',
      '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "',
      'Mar  7 06:25:24 web-1 sshd[99]: Failed password for ',
    ]
    const parts = sizes.flatMap((body) => heads.map((head) => Buffer.concat([Buffer.from(head), body])))
    const parsed = createParser().parse(blockOf(parts), sniffedAs(format, false))
    expect(parsed.events.count + parsed.rejects.length + parsed.skipped).toBe(parts.length)
    for (const reject of parsed.rejects) expect(reject.text.length).toBeLessThan(4096)
  })
})

function describeEvent({ events, rejects }: Parsed, line: number): unknown {
  const row = events.lines.indexOf(line)
  if (row < 0) return rejects.find((reject) => reject.line === line)?.reason ?? 'skipped'
  return [events.time[row], ...columnsOf(events).map((column) => column.at(row))]
}
