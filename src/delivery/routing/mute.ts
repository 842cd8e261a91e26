import type { Severity } from '../../core/documents/severity.ts'
import type { MuteWindow } from './config.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const WEEKDAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/**
 * When the mute window that is open now ends, ms since the epoch; undefined if none is open. If another window follows
 * directly, the caller finds it when it asks again at that time.
 */
export function mutedUntil(windows: readonly MuteWindow[], severity: Severity, now: number): number | undefined {
  let until: number | undefined
  for (const window of windows) {
    if (severity === 'critical' && window.critical) continue
    const left = leftOf(window, now)
    if (left > 0) until = Math.max(until ?? 0, now + left)
  }
  return until
}

/** Ms until the window ends; 0 if it is not open. A daylight saving change in the window shifts the end by an hour. */
function leftOf(window: MuteWindow, now: number): number {
  const { day, minute } = localTime(now, window.timezone)
  const days: readonly string[] = window.days
  const from = minutesOf(window.from)
  const to = minutesOf(window.to)
  const intoMinute = now % MINUTE_MS
  const overnight = to <= from
  const beganToday = days.includes(WEEKDAYS[day]) && minute >= from && (overnight || minute < to)
  const beganYesterday = overnight && days.includes(WEEKDAYS[(day + 6) % 7]) && minute < to
  if (beganToday) return (to - minute) * MINUTE_MS - intoMinute + (overnight ? DAY_MS : 0)
  return beganYesterday ? (to - minute) * MINUTE_MS - intoMinute : 0
}

function localTime(now: number, timeZone: string): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(now).map((part) => [part.type, part.value]))
  const day = WEEKDAYS.indexOf((parts.get('weekday') ?? '').toLowerCase())
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
