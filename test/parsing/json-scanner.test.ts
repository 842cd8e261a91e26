import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SecurityBlock } from '../../src/core/columns/block.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { blockOf } from './blocks.ts'

const JSON_LINES: Sniffed = { format: 'json', framing: 'lines', context: '' }
const COLUMNS = ['user', 'sourceIp', 'host', 'program', 'eventType', 'action', 'message'] as const

function read(records: readonly string[]) {
  const { events, rejects } = createParser().parse(blockOf([...records]), JSON_LINES)
  const block = events as SecurityBlock
  const rows = Array.from({ length: block.count }, (_, i) => ({
    time: block.time[i],
    outcome: block.outcome[i],
    ...Object.fromEntries(COLUMNS.map((name) => [name, block[name].at(i)])),
  }))
  return { rows, rejects: rejects.map(({ line }) => line) }
}

const keys = 'time user username source ip source_ip host name event type action outcome message process x'.split(' ')
const scalar = fc.oneof(
  fc.constantFrom('2024-03-01T12:00:00Z', '192.0.2.1:80', '[2001:db8::1]', 'login failed', 'ok', '', '-0', 'caf\u00e9'),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(true, false, null, 1e21, 1e-7, 1.5, 1700000000),
)
const { record } = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: tie('record') },
  ),
  record: fc.dictionary(fc.constantFrom(...keys, 'user.name', 'source.ip', 'event.type'), tie('value'), { maxKeys: 7 }),
}))

test('a record reads the same with and without an escape that keeps it from being read in place', () => {
  const spaces = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(fc.array(fc.tuple(record, spaces), { minLength: 1, maxLength: 6 }), (records) => {
      const texts = records.map(([one, space]) => JSON.stringify(one, null, space).replaceAll('\n', '\r'))
      const escaped = texts.map((text) => text.replace('{', text.length > 2 ? '{"\\u007a": 0,' : '{"\\u007a": 0'))
      expect(read(texts)).toEqual(read(escaped))
    }),
    { numRuns: 500 },
  )
})

test('what JSON.parse refuses is refused, and of keys that stand twice the last one counts', () => {
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"user"',
    '"a"',
    '1',
    '-0',
    '01',
    '1.',
    '1e5',
    '.5',
    'null',
    'tru',
    '"\t"',
    ' ',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 8 }), (inner) => {
      const text = `{"user":"u",${inner.join('')}}`
      let user: unknown
      try {
        user = (JSON.parse(text) as { user: unknown }).user
      } catch {
        expect(read([text]).rejects).toEqual([1])
        return
      }
      const { rows, rejects } = read([text])
      if (rejects.length > 0) expect(typeof user === 'object').toBe(true)
      else expect(rows[0]).toMatchObject({ user: String(user) })
    }),
    { numRuns: 3000 },
  )
})

test('records of changing keys, as two programs write them to one file, each read by their own', () => {
  const one = '{"user":"amy","source_ip":"192.0.2.1","event_type":"login_failed"}'
  const other = '{"event":{"action":"sudo","outcome":"success"},"user":{"name":"bob"}}'
  const { rows } = read([one, other, one, other])
  expect(rows.map((row) => row)).toEqual([rows[0], rows[1], rows[0], rows[1]])
  expect(rows[0]).toMatchObject({ user: 'amy', sourceIp: '192.0.2.1', eventType: 'login_failure' })
  expect(rows[1]).toMatchObject({ user: 'bob', action: 'sudo', eventType: 'sudo' })
})
