import Table from 'cli-table3'

const WIDTH = 80
const LEAST = 16
const NO_LINES = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid'
    .split(' ')
    .map((place) => [place, '']),
)

/**
 * A table for 80 columns without lines and colours, so that other programs can split it. `flexible` is the column that is
 * wrapped if the rows are wider.
 */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  flexible: number,
): string {
  const texts = rows.map((row) => row.map(String))
  const widths = head.map((name, column) => Math.max(name.length, ...texts.map((row) => row[column].length)) + 2)
  const excess = widths.reduce((sum, width) => sum + width, 0) - WIDTH
  if (excess > 0) widths[flexible] = Math.max(LEAST, widths[flexible] - excess)
  const table = new Table({
    head: [...head],
    colWidths: widths,
    wordWrap: true,
    wrapOnWordBoundary: true,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: { ...NO_LINES, middle: '' },
  })
  table.push(...texts)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
