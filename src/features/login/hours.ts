import { isLate } from '../log-time.ts'

const HOUR = 3_600_000
const WEEK = 168
/** Events of a weekday after which its own hours count as much as those of all days. */
const BACKOFF = 50

/** A longer silence than that of a long weekend is a gap in what was read, ms. */
const GAP = 96 * HOUR

/** The log time that was watched: hours of it per hour of the week, and where it ends, ms since the epoch or NaN. */
export interface Watched {
  readonly hours: Float64Array
  readonly until: number
}

const NOTHING: Watched = { hours: new Float64Array(WEEK), until: Number.NaN }

/**
 * How rare an hour of the week is. A weekday that has hardly been seen borrows the hours of the other days. An hour that
 * the log time learnt does not cover is unknown and not rare: it counts as an average one. Where it is covered, silence in
 * it is a fact.
 */
export class Hours {
  /** Events per hour of the week, 7 x 24, Thursday first as the epoch has it. UTC. */
  readonly counts: Float64Array
  readonly #ofHour = new Float64Array(24)
  readonly #ofDay = new Float64Array(7)
  #total = 0
  readonly #watched = new Float64Array(WEEK)
  readonly #watchedOfHour = new Float64Array(24)
  #until = Number.NaN
  /** Part of a day's events that falls into each of its hours, as far as it is known. */
  readonly #shares = new Float64Array(24)
  /** Bits of every hour, once learning has ended. */
  #frozen: Float64Array | undefined

  /** `watched` is null for profiles that were kept without it: every hour then counts as watched for as long as any other. */
  constructor(counts: Float64Array = new Float64Array(WEEK), watched: Watched | null = NOTHING) {
    this.counts = counts
    this.#until = watched?.until ?? Number.NaN
    for (let at = 0; at < WEEK; at++) {
      this.#count(at, counts[at])
      this.#watch(at, watched?.hours[at] ?? 1)
    }
  }

  get watched(): Watched {
    return { hours: this.#watched, until: this.#until }
  }

  freeze(): void {
    this.#shareOut()
    this.#frozen = Float64Array.from(this.counts, (_, at) => this.#bits(at))
  }

  /** Bits of the hour of `time`, 0 where there is no time. */
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

  /** One event of an average hour is given to each beforehand, so that one hardly watched is as an average one. */
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
    // Events of a whole day like this one, watched for as long as this hour of it was.
    const ofDay = (this.#ofDay[day] / part) * this.#watched[at]
    return -Math.log2((this.counts[at] + BACKOFF * this.#shares[at % 24]) / (ofDay + BACKOFF))
  }
}

function hourOfWeek(time: number): number {
  const hour = Math.floor(time / HOUR) % WEEK
  return hour < 0 ? hour + WEEK : hour
}
