import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible } from '../../../src/faces/visible.ts'
import { csvCell } from '../../../src/pipeline/output/findings-csv.ts'

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =cmd()', '%0A=1', '|calc'])(
  'a spreadsheet does not run %j',
  (text) => {
    const [[cell]] = parse(`${csvCell(text)}\r\n`) as string[][]
    expect(cell).toBe(`'${text}`)
  },
)

test('a cell cannot recolour a terminal, go back in its line, or turn its direction', () => {
  expect(csvCell('\u001b[2Jred\u009b31m\rover\u202eend')).toBe('\\u001b[2Jred\\u009b31m\\u000dover\\u202eend')
})

test('any text comes back as it was, but for escapes and the apostrophe in front of a formula', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const cell = csvCell(text)
      const [row] = parse(`${cell},end\r\n`) as string[][]
      const shown = text.replace(/[^\t\n]/gu, (char) => visible(char))
      expect([shown, `'${shown}`]).toContain(row[0])
      expect(row[1]).toBe('end')
      expect(cell).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }),
  )
})
