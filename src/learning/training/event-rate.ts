import { z } from 'zod'
import { decodeJson } from '../../core/saved-json.ts'

const HOUR_MS = 3_600_000
/** Distinct hours that are kept: one year. Later hours count as if they were among these. */
const MAX_HOURS = 24 * 366
const SavedSchema = z.object({ hours: z.array(z.int()).max(MAX_HOURS), events: z.int().nonnegative() })

/**
 * Measures events per day from log time. Only hours with at least one event count, so a gap in the logs does not lower
 * the rate.
 */
export class EventRate {
  readonly #hours = new Set<number>()
  #events = 0

  /** `time`: log time of each event, ms since the epoch, NaN if unknown. Events where `exclude` is not 0 do not count. */
  count(time: Float64Array, exclude: Uint8Array): void {
    let last = Number.NaN
    for (let i = 0; i < time.length; i++) {
      if (exclude[i] !== 0 || Number.isNaN(time[i])) continue
      this.#events++
      const hour = Math.floor(time[i] / HOUR_MS)
      if (hour !== last && this.#hours.size < MAX_HOURS) this.#hours.add(hour)
      last = hour
    }
  }

  /** Undefined while no event had a time. */
  get eventsPerDay(): number | undefined {
    return this.#hours.size === 0 ? undefined : Math.round((24 * this.#events) / this.#hours.size)
  }

  snapshot(): Uint8Array {
    return Buffer.from(JSON.stringify({ hours: [...this.#hours], events: this.#events }))
  }

  /** @throws OddlineError MODEL_INVALID if the bytes are damaged */
  restore(bytes: Uint8Array): void {
    const { hours, events } = decodeJson('rate of events', SavedSchema, bytes)
    for (const hour of hours) this.#hours.add(hour)
    this.#events = events
  }
}
