/** Lines can be this much out of order, ms: a request is logged when it ends, with the time when it began. */
const LATE_MS = 60_000

/** True if an event is slightly older than the one at `last`, because it was logged late. */
export function isLate(last: number, time: number): boolean {
  return time <= last && time >= last - LATE_MS
}

/**
 * Seconds of log time between the last event of a party and one at `time`; 0 if one has no time or the event was logged
 * late. A much older event belongs to another period, such as an older file read after a newer one, so the distance is
 * absolute.
 */
export function secondsBetween(last: number, time: number): number {
  if (last === 0 || Number.isNaN(time) || isLate(last, time)) return 0
  return Math.abs(time - last) / 1000
}

/** The reference time for the next event. */
export function latest(last: number, time: number): number {
  return isLate(last, time) ? last : time
}
