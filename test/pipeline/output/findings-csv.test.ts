import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvCell } from '../../../src/pipeline/output/findings-csv.ts'

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =cmd()', '%0A=1', '|calc'])(
  'a spreadsheet does not run %j',
  (text) => {
    const [[cell]] = parse(`${csvCell(text)}\r\n`) as string[][]
    expect(cell).toBe(`'${text}`)
  },
)

test('any text comes back as it was, but for the apostrophe in front of a formula', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const [row] = parse(`${csvCell(text)},end\r\n`) as string[][]
      expect([text, `'${text}`]).toContain(row[0])
      expect(row[1]).toBe('end')
    }),
  )
})
