/** Lines are written this much out of order, ms: a request is logged when it ends, with the time at which it began. */
const LATE_MS = 60_000

/** Whether an event is a little older than one at `last`, and only written late. */
export function isLate(last: number, time: number): boolean {
  return time <= last && time >= last - LATE_MS
}

/**
 * Seconds of log time between the last event of a party and one at `time`, 0 where one of them has none or the event was
 * only written late. One that is much older is of another stretch, such as an older file that is read after a newer one:
 * what is recent in the one lies as far from the other.
 */
export function secondsBetween(last: number, time: number): number {
  if (last === 0 || Number.isNaN(time) || isLate(last, time)) return 0
  return Math.abs(time - last) / 1000
}

/** The time that the next event is measured from. */
export function latest(last: number, time: number): number {
  return isLate(last, time) ? last : time
}
