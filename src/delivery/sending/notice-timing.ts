import type { Incident } from '../../core/documents/incident.ts'
import { SEVERITIES } from '../../core/documents/severity.ts'
import type { NoticePlan, Told } from '../../store/delivery/notices.ts'

/** When people get a notice of an incident, after Alertmanager's group_wait, group_interval and repeat_interval. */
export interface NoticeTiming {
  /** Wait before the first notice, so that a burst of findings arrives as one message, ms. */
  readonly waitMs: number
  /** Shortest time between two notices of one incident, ms. */
  readonly intervalMs: number
  /** Time between two notices of an incident that stays the same and gets new findings, ms. */
  readonly repeatMs: number
  /** Whether people get a notice when an incident ends. */
  readonly tellResolved: boolean
}

/** An incident with this many times the findings of the last notice gets a new notice after the interval. */
const GROWTH = 10

export class TimedPlan implements NoticePlan {
  readonly #timing: NoticeTiming

  get firstWaitMs(): number {
    return this.#timing.waitMs
  }

  get laterWaitMs(): number {
    return Math.max(this.#timing.intervalMs, this.#timing.repeatMs)
  }

  constructor(timing: NoticeTiming) {
    this.#timing = timing
  }

  /**
   * When the next notice of an incident is due, ms since the epoch; null for none.
   * - no notice so far: after the group wait, even if the incident is resolved by then
   * - more severe, or ten times the findings: after the interval
   * - resolved: after the interval, if `tellResolved` is set
   * - otherwise, if there are new findings: after the repeat interval
   * @param planned time of the notice that is already planned; new findings never postpone it
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
