const BARS = '▁▂▃▄▅▆▇█'

/** Numbers as a line of bars, for a terminal: a blank for nothing, the highest bar for the most. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values)
  return values
    .map((value) => (value === 0 || most === 0 ? ' ' : BARS[Math.ceil((value / most) * BARS.length) - 1]))
    .join('')
}
