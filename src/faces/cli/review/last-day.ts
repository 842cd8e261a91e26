import { SEVERITIES } from '../../../core/documents/severity.ts'
import { timeline } from '../../../queries/findings/timeline.ts'
import type { State } from '../../../queries/state.ts'
import { sparkline } from './sparkline.ts'

const DAY = 86_400_000
const SLOTS = 48

/** Events and findings of the last day of log time by half hours, each in one line; empty if there are none. */
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
