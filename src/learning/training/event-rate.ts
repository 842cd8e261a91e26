const HOUR_MS = 3_600_000
/** Hours that are told apart: a year of them. What comes after counts as if it came in those. */
const MAX_HOURS = 24 * 366

/** How much traffic a day has, by the hours of log time in which there was any: a gap in the logs is no quiet day. */
export class Pace {
  readonly #hours = new Set<number>()
  #events = 0

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

  /** Undefined where no event had a time. */
  get eventsPerDay(): number | undefined {
    return this.#hours.size === 0 ? undefined : Math.round((24 * this.#events) / this.#hours.size)
  }

  snapshot(): Uint8Array {
    return Buffer.from(JSON.stringify({ hours: [...this.#hours], events: this.#events }))
  }

  restore(bytes: Uint8Array): void {
    const { hours, events } = JSON.parse(Buffer.from(bytes).toString()) as { hours: number[]; events: number }
    for (const hour of hours) this.#hours.add(hour)
    this.#events = events
  }
}
