import type { Incident } from '../../core/documents/incident.ts'
import { SEVERITIES } from '../../core/documents/severity.ts'
import type { NoticePlan, Told } from '../../store/notices.ts'

/** When people are told of an incident, after Alertmanager's group_wait, group_interval and repeat_interval. */
export interface NoticeTiming {
  /** Wait before the first notice, so that a burst arrives as one message. */
  readonly waitMs: number
  /** Least time between two notices of one incident. */
  readonly intervalMs: number
  /** An incident that only goes on as it was is told again after this. */
  readonly repeatMs: number
  readonly tellResolved: boolean
}

export const DEFAULT_TIMING: NoticeTiming = {
  waitMs: 30_000,
  intervalMs: 5 * 60_000,
  repeatMs: 4 * 3_600_000,
  tellResolved: true,
}

/** An incident that is this many times as large as when it was last told has become another matter. */
const GROWTH = 10

export class TimedPlan implements NoticePlan {
  readonly #timing: NoticeTiming

  constructor(timing: NoticeTiming) {
    this.#timing = timing
  }

  /**
   * When the next notice of an incident is due, ms since the epoch; null if none is.
   * - never told: after the group wait, counted from its first finding; resolved meanwhile or not
   * - worse or ten times as large: after the interval
   * - resolved: after the interval, if people are told of that at all
   * - merely going on: after the repeat interval, if there are new findings
   * @param planned the notice already planned, which new findings never put off
   */
  due(incident: Incident, told: Told | undefined, planned: number | null, now: number): number | null {
    const { waitMs, intervalMs, repeatMs, tellResolved } = this.#timing
    const earliest = (time: number) => Math.min(planned ?? Number.POSITIVE_INFINITY, Math.max(time, now))
    if (!told) return earliest(now + waitMs)
    if (incident.status === 'resolved') {
      return told.status === 'resolved' || !tellResolved ? null : earliest(told.at + intervalMs)
    }
    const worse = SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(told.severity)
    if (worse || incident.findings >= told.findings * GROWTH) return earliest(told.at + intervalMs)
    if (incident.findings > told.findings) return earliest(told.at + repeatMs)
    return planned
  }
}
