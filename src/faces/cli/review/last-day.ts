import { SEVERITIES } from '../../../core/documents/severity.ts'
import { timeline } from '../../../queries/findings/timeline.ts'
import type { State } from '../../../queries/state.ts'
import { sparkline } from './sparkline.ts'

const DAY = 86_400_000
const SLOTS = 48

/** The last day of log time in two lines: events and findings by half hours, with their sums. Empty where there was neither. */
export function lastDayText(db: State, now: number): string {
  const { events, findings } = timeline(db, { since: now - DAY, until: now }, SLOTS)
  const found = events.map((_, i) => SEVERITIES.reduce((sum, severity) => sum + findings[severity][i], 0))
  const line = (name: string, values: readonly number[]) => {
    const total = values.reduce((sum, n) => sum + n, 0)
    return `${name}  |${sparkline(values)}|  ${total.toLocaleString('en-US')}`
  }
  if ([...events, ...found].every((n) => n === 0)) return ''
  return `Last 24 h (log time)\n${line('  Events  ', events)}\n${line('  Findings', found)}`
}
