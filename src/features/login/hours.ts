import { isLate } from '../log-time.ts'

const HOUR = 3_600_000
const WEEK = 168
/** Number of events of a weekday at which its own hours weigh as much as those of all days. */
const BACKOFF = 50

/** A gap longer than a long weekend, ms, means that the log has a gap. */
const GAP = 96 * HOUR

/** The log time covered by learning: hours per hour of the week, and the end of it in ms since the epoch, or NaN. */
export interface Coverage {
  readonly hours: Float64Array
  readonly until: number
}

const NOTHING: Coverage = { hours: new Float64Array(WEEK), until: Number.NaN }

/**
 * Rarity of an hour of the week. A weekday with few events uses the hours of the other days. An hour that the learnt
 * log time does not cover is unknown, not rare: it counts as average. If it is covered, having no events in it is
 * evidence.
 */
export class Hours {
  /** Events per hour of the week, shape 7 x 24, UTC, starting with Thursday like the epoch. */
  readonly counts: Float64Array
  readonly #ofHour = new Float64Array(24)
  readonly #ofDay = new Float64Array(7)
  #total = 0
  readonly #watched = new Float64Array(WEEK)
  readonly #watchedOfHour = new Float64Array(24)
  #until = Number.NaN
  /** Estimated share of a day's events in each of its hours. */
  readonly #shares = new Float64Array(24)
  /** Bits of every hour; present after `freeze`. */
  #frozen: Float64Array | undefined

  /** `coverage` is null for profiles of older versions; then every hour counts as covered equally. */
  constructor(counts: Float64Array = new Float64Array(WEEK), coverage: Coverage | null = NOTHING) {
    this.counts = counts
    this.#until = coverage?.until ?? Number.NaN
    for (let at = 0; at < WEEK; at++) {
      this.#count(at, counts[at])
      this.#watch(at, coverage?.hours[at] ?? 1)
    }
  }

  get coverage(): Coverage {
    return { hours: this.#watched, until: this.#until }
  }

  freeze(): void {
    this.#shareOut()
    this.#frozen = Float64Array.from(this.counts, (_, at) => this.#bits(at))
  }

  /** Rarity of the hour of `time` in bits; 0 if there is no time. */
  bits(time: number, learn: boolean): number {
    if (Number.isNaN(time)) return 0
    const at = hourOfWeek(time)
    if (this.#frozen !== undefined) return this.#frozen[at]
    this.#shareOut()
    const bits = this.#bits(at)
    if (learn) {
      this.#count(at, 1)
      this.counts[at]++
      this.#watchUntil(time)
    }
    return bits
  }

  #count(at: number, events: number): void {
    this.#ofHour[at % 24] += events
    this.#ofDay[Math.floor(at / 24)] += events
    this.#total += events
  }

  #watch(at: number, hours: number): void {
    this.#watched[at] += hours
    this.#watchedOfHour[at % 24] += hours
  }

  #watchUntil(time: number): void {
    const from = this.#until
    if (isLate(from, time)) return
    this.#until = time
    if (!(time > from && time < from + GAP)) return
    for (let at = from; at < time; ) {
      const end = Math.min(time, (Math.floor(at / HOUR) + 1) * HOUR)
      this.#watch(hourOfWeek(at), (end - at) / HOUR)
      at = end
    }
  }

  /**
   * Adds the events of one average hour to each hour as a prior, so that an hour with little coverage is close to
   * average.
   */
  #shareOut(): void {
    let watched = 0
    for (const hours of this.#watchedOfHour) watched += hours
    let sum = 0
    for (let hour = 0; hour < 24; hour++) {
      const rate = watched > 0 ? (this.#ofHour[hour] + 1) / (this.#watchedOfHour[hour] + watched / this.#total) : 1
      this.#shares[hour] = rate
      sum += rate
    }
    for (let hour = 0; hour < 24; hour++) this.#shares[hour] /= sum
  }

  #bits(at: number): number {
    const day = Math.floor(at / 24)
    let part = 0
    for (let hour = 0; hour < 24; hour++) part += this.#watched[day * 24 + hour] * this.#shares[hour]
    if (this.#watched[at] === 0) return -Math.log2(this.#shares[at % 24])
    // Expected events of a whole day, if it were covered as long as this hour.
    const ofDay = (this.#ofDay[day] / part) * this.#watched[at]
    return -Math.log2((this.counts[at] + BACKOFF * this.#shares[at % 24]) / (ofDay + BACKOFF))
  }
}

function hourOfWeek(time: number): number {
  const hour = Math.floor(time / HOUR) % WEEK
  return hour < 0 ? hour + WEEK : hour
}
