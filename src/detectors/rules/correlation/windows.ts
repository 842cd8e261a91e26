import { grown } from '../../../core/columns/grown.ts'
import type { Correlation } from '../sigma/model.ts'
import type { Measure } from './measures/measure.ts'
import { measureOf } from './measures/measure-of.ts'
import { type Mark, Occurrences } from './occurrences.ts'
import { holds, judgedAtClose, type Verdict } from './verdict.ts'

/** Occurrences kept for each window; beyond it the oldest are forgotten, which can only make a count smaller. */
const MAX_OCCURRENCES = 10_000

// Fields of a window, which lie side by side in one line of the cache.
const ROW = 4
const OLDEST = 0
const NEWEST = 1
const FIRED = 2

/**
 * The windows of one correlation, by number. A window is what one group did in one stretch of time: a run of events with
 * no gap longer than the timespan. One that has fired is quiet until its stretch ends, so an attack that goes on is told
 * once.
 */
export class Windows {
  readonly occurrences = new Occurrences()
  readonly #correlation: Correlation
  readonly #measure: Measure
  readonly #atClose: boolean
  /** The longest gap within a stretch, ms; what is judged when a timespan has passed has one stretch for ever. */
  readonly #gap: number
  #rows = new Float64Array(0)
  readonly #free: number[] = []
  #used = 0

  constructor(correlation: Correlation) {
    this.#correlation = correlation
    this.#measure = measureOf(correlation, this.occurrences)
    this.#atClose = judgedAtClose(correlation)
    this.#gap = this.#atClose ? Number.POSITIVE_INFINITY : correlation.timespanMs
  }

  /** Windows that are open. */
  get size(): number {
    return this.#used - this.#free.length
  }

  open(oldest: number, newest = oldest, fired = 0): number {
    const window = this.#free.pop() ?? this.#used++
    const row = window * ROW
    this.#rows = grown(this.#rows, row + ROW)
    this.#rows[row + OLDEST] = oldest
    this.#rows[row + NEWEST] = newest
    this.#rows[row + FIRED] = fired
    this.occurrences.open(window)
    this.#measure.open(window)
    return window
  }

  close(window: number): void {
    this.#empty(window)
    this.#free.push(window)
  }

  oldest(window: number): number {
    return this.#rows[window * ROW + OLDEST]
  }

  newest(window: number): number {
    return this.#rows[window * ROW + NEWEST]
  }

  fired(window: number): number {
    return this.#rows[window * ROW + FIRED]
  }

  /** Whether an event at `time` belongs to the window's stretch. */
  holds(window: number, time: number): boolean {
    const row = window * ROW
    return time >= this.#rows[row + OLDEST] - this.#gap && time <= this.#rows[row + NEWEST] + this.#gap
  }

  /** Adds an event that belongs to the window; returns a verdict if it completes the correlation. */
  observe(window: number, time: number, mark: Mark): Verdict | undefined {
    const rows = this.#rows
    const row = window * ROW
    if (time < rows[row + OLDEST]) rows[row + OLDEST] = time
    if (time > rows[row + NEWEST]) rows[row + NEWEST] = time
    if (this.#atClose) return this.#observeClosing(window, time, mark)
    if (rows[row + FIRED] === 1) return undefined
    this.add(window, time, mark)
    const { occurrences } = this
    const floor = rows[row + NEWEST] - this.#correlation.timespanMs
    while (occurrences.lengthOf(window) > MAX_OCCURRENCES || occurrences.firstTime(window) < floor) {
      this.#measure.dropped(window, occurrences.shift(window))
    }
    const verdict = this.#judge(window)
    if (!verdict) return undefined
    rows[row + FIRED] = 1
    this.#empty(window)
    return verdict
  }

  /** Adds an occurrence without judging it. */
  add(window: number, time: number, mark: Mark): void {
    this.#measure.added(window, mark, this.occurrences.insert(window, time, mark))
  }

  /** Judges the timespan that an event shows to have passed; told once for timespans that follow each other. */
  #observeClosing(window: number, time: number, mark: Mark): Verdict | undefined {
    const { occurrences } = this
    const told = this.fired(window) === 1
    let verdict: Verdict | undefined
    if (occurrences.lengthOf(window) > 0 && time > occurrences.firstTime(window) + this.#correlation.timespanMs) {
      verdict = this.#judge(window)
      this.#empty(window)
      this.#rows[window * ROW + FIRED] = verdict ? 1 : 0
    }
    if (occurrences.lengthOf(window) < MAX_OCCURRENCES) this.add(window, time, mark)
    return told ? undefined : verdict
  }

  #judge(window: number): Verdict | undefined {
    const measure = this.#measure.of(window)
    if (measure === undefined || !holds(measure, this.#correlation)) return undefined
    const { occurrences } = this
    return { measure, events: occurrences.lengthOf(window), firstTime: occurrences.firstTime(window) }
  }

  #empty(window: number): void {
    if (this.occurrences.lengthOf(window) === 0) return
    this.occurrences.clear(window)
    this.#measure.open(window)
  }
}
