import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RECORD_HOLE } from '../../../src/core/columns/block.ts'
import type { Framing } from '../../../src/core/parsed.ts'
import { cutRecords } from '../../../src/reading/records/framer.ts'
import { HOLE_BYTES } from '../../../src/reading/records/holes.ts'
import { RecordTable } from '../../../src/reading/records/record-table.ts'

const LIMIT = 40
const HOLE = '\0'.repeat(HOLE_BYTES)

/** Records as reading with windows of `size` bytes gives them: line, offset, flag, text. */
function cutAll(framing: Framing, bytes: Buffer, size: number): string[] {
  const records: string[] = []
  const table = new RecordTable()
  let at = 0
  let line = 1
  let skip = ''
  for (let final = false; !final; ) {
    const window = bytes.subarray(at, at + size)
    final = at + size >= bytes.length
    table.clear()
    const cut = cutRecords(
      framing,
      { bytes: window, length: window.length, final, line, maxRecordBytes: LIMIT, skip },
      table,
    )
    for (let i = 0; i < table.count; i++) {
      const text = table.flags[i] === RECORD_HOLE ? '' : window.toString('latin1', table.starts[i], table.ends[i])
      records.push(`${table.lines[i]}@${at + table.starts[i]} ${table.flags[i]} ${JSON.stringify(text)}`)
    }
    if (final) expect(cut.consumed).toBe(window.length)
    at += cut.consumed
    line = cut.line
    skip = cut.skip
  }
  return records
}

const pieces: Record<Framing, fc.Arbitrary<string>> = {
  lines: fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', '\0', HOLE, 'x'.repeat(50), ' '),
  csv: fc.constantFrom('a', ',', '"', '""', '\n', '\r\n', '"q\nq"', HOLE, 'x'.repeat(50), ';'),
  'json-array': fc.constantFrom(
    '[',
    ']',
    ',',
    '{',
    '}',
    '"',
    '\\',
    '\\"',
    '{"a":1}',
    '\n',
    ' ',
    '"s"',
    HOLE,
    '7',
    '{"x":[1,{}]}',
  ),
}

describe.each(['lines', 'csv', 'json-array'] as const)('cutting %s', (framing) => {
  it('does not depend on where windows begin and end', () => {
    fc.assert(
      fc.property(
        fc.array(pieces[framing], { maxLength: 60 }),
        fc.integer({ min: 2 * LIMIT, max: 150 }),
        (parts, size) => {
          const bytes = Buffer.from(parts.join(''), 'latin1')
          expect(cutAll(framing, bytes, size)).toEqual(cutAll(framing, bytes, 100_000))
        },
      ),
      { numRuns: 3_000 },
    )
  })
})

describe('cutting lines', () => {
  it('gives the lines that splitting the text gives', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,20}$/), { minLength: 1 }), (lines) => {
        const records = cutAll('lines', Buffer.from(`${lines.join('\n')}\n`), 64)
        expect(records.map((record) => JSON.parse(record.replace(/^\S+ \d /, '')))).toEqual(lines)
      }),
    )
  })
})

describe('cutting elements of a JSON array', () => {
  it('goes on at the next line after a string that was torn', () => {
    const records = cutAll(
      'json-array',
      Buffer.from(`[{"a":1},\n{"b":"x${HOLE}y","c":2},\n{"d":"e"},\n{"f":3}]\n`),
      10_000,
    )
    expect(records.map((record) => JSON.parse(record.replace(/^\S+ \d /, '')))).toEqual(
      expect.arrayContaining(['{"a":1}', '{"b":"x', '{"d":"e"}', '{"f":3}']),
    )
  })
})
