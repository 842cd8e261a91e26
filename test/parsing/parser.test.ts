import { describe, expect, it } from 'vitest'
import type { EventBlock } from '../../src/core/columns/block.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { blockOf, SOURCE } from './blocks.ts'

const lines = (format: Sniffed['format'], context = ''): Sniffed => ({ format, framing: 'lines', context })

const RECORDS = {
  access: ['192.0.2.1 - amy [10/Oct/2000:13:55:36 +0000] "GET /ä HTTP/1.1" 200 5 "-" "curl/8"', 'rubbish', ''],
  syslog: ['Mar  7 06:25:24 web-1 sudo:   amy : TTY=pts/0 ; COMMAND=/bin/ls /ä', 'rubbish', ''],
  json: ['{"user":"amy","message":"ä"}', 'rubbish', ''],
  csv: ['1709294400,amy,ä', 'rubbish', ''],
  plain: ['2024-03-01 12:00:00 something happened to ä', '', ''],
} as const

function snapshot(events: EventBlock): unknown {
  const texts = Object.entries(events)
    .filter(([, column]) => typeof column === 'object' && 'at' in column && !ArrayBuffer.isView(column))
    .map(([name, column]) => [name, (column as { at(index: number): string }).at(0)])
  return [texts, [...events.time], [...events.lines], [...events.offsets], [...events.lengths]]
}

describe('the parser', () => {
  it.each(Object.keys(RECORDS) as (keyof typeof RECORDS)[])(
    'gives %s events that outlive the arrays of the reader, which are used again',
    (format) => {
      const block = blockOf(RECORDS[format])
      const { events } = createParser().parse(block, lines(format, format === 'csv' ? 'time,user,message' : ''))
      expect(events.count).toBe(1)
      expect(events.format).toBe(format)
      expect(events.source).toBe(SOURCE)
      const before = snapshot(events)
      block.bytes.fill(0x58)
      for (const array of [block.starts, block.ends, block.lines, block.offsets, block.flags]) array.fill(7)
      expect(snapshot(events)).toEqual(before)
      expect(events.raw.at(0)).toBe(RECORDS[format][0])
    },
  )

  it.each([
    ['unknown', 'logs.formats'],
    ['binary', 'binary'],
  ] as const)('rejects every record of an %s file and says what to do', (format, reason) => {
    const { events, rejects, skipped } = createParser().parse(blockOf(['a', '', 'b']), lines(format))
    expect([events.count, rejects.length, skipped]).toEqual([0, 2, 1])
    expect(rejects[1]).toMatchObject({ line: 3, offset: 3, length: 1, text: 'b' })
    expect(rejects[1].reason).toContain(reason)
  })

  it('reads plain lines as messages, with the time that they begin with', () => {
    const { events } = createParser().parse(
      blockOf(['2024-03-01 12:00:00 hello', '[2024-03-01T12:00:00Z] you', 'there']),
      lines('plain'),
    )
    expect([...events.time]).toEqual([Date.UTC(2024, 2, 1, 12), Date.UTC(2024, 2, 1, 12), Number.NaN])
    expect(events.kind === 'security' && events.message.at(2)).toBe('there')
  })

  it('serves files of all formats in turn', () => {
    const parser = createParser()
    for (let round = 0; round < 3; round++) {
      for (const header of ['time,user,message', 'user,message,time']) {
        const { events } = parser.parse(blockOf(['a,b,c']), { format: 'csv', framing: 'csv', context: header })
        expect(events.kind === 'security' && events.user.at(0)).toBe(header.startsWith('time') ? 'b' : 'a')
      }
      expect(parser.parse(blockOf([RECORDS.access[0]]), lines('access')).events.count).toBe(1)
      expect(parser.parse(blockOf([]), lines('syslog')).events.count).toBe(0)
    }
  })
})
