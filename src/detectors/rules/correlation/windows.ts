import { grown } from '../../../core/columns/grown.ts'
import type { Correlation } from '../sigma/model.ts'
import type { Measure } from './measures/measure.ts'
import { measureOf } from './measures/measure-of.ts'
import { type Mark, Occurrences } from './occurrences.ts'
import { type CorrelationResult, isEvaluatedAtEnd, meetsCondition } from './result.ts'

/** Most occurrences per window; the oldest are dropped, which can only lower a count. */
const MAX_OCCURRENCES = 10_000
/** Most occurrences in all windows of a correlation; beyond that, a window drops its oldest for each new one. */
const MAX_TOTAL = 250_000

// Fields of a window, adjacent so that they share a cache line.
const ROW = 4
const OLDEST = 0
const NEWEST = 1
const FIRED = 2

/**
 * The windows of one correlation, by number. A window covers the events of one group in one period, which ends with a
 * gap longer than the timespan. A window fires once, so a continuing attack is reported once.
 */
export class Windows {
  readonly occurrences = new Occurrences()
  readonly #correlation: Correlation
  readonly #measure: Measure
  readonly #atEnd: boolean
  /** Longest gap within a window, ms; infinite for conditions that are evaluated at the end of the timespan. */
  readonly #gap: number
  #rows = new Float64Array(0)
  readonly #free: number[] = []
  #used = 0

  constructor(correlation: Correlation) {
    this.#correlation = correlation
    this.#measure = measureOf(correlation, this.occurrences)
    this.#atEnd = isEvaluatedAtEnd(correlation)
    this.#gap = this.#atEnd ? Number.POSITIVE_INFINITY : correlation.timespanMs
  }

  /** Number of open windows. */
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

  /** True if an event at `time` belongs to the window. */
  holds(window: number, time: number): boolean {
    const row = window * ROW
    return time >= this.#rows[row + OLDEST] - this.#gap && time <= this.#rows[row + NEWEST] + this.#gap
  }

  /** Adds an event of the window; returns a result if it completes the correlation. */
  observe(window: number, time: number, mark: Mark): CorrelationResult | undefined {
    const rows = this.#rows
    const row = window * ROW
    const counts = this.#isApart(window, time)
    if (time < rows[row + OLDEST]) rows[row + OLDEST] = time
    if (time > rows[row + NEWEST]) rows[row + NEWEST] = time
    if (this.#atEnd) return this.#observeAtEnd(window, time, mark, counts)
    if (rows[row + FIRED] === 1 || !counts) return undefined
    this.add(window, time, mark)
    const { occurrences } = this
    const floor = rows[row + NEWEST] - this.#correlation.timespanMs
    while (this.#isTooLong(window) || occurrences.firstTime(window) < floor) {
      this.#measure.dropped(window, occurrences.shift(window))
    }
    const result = this.#evaluate(window)
    if (!result) return undefined
    rows[row + FIRED] = 1
    this.#empty(window)
    return result
  }

  /** False if the correlation leaves out events that follow another one too soon, and this is one. */
  #isApart(window: number, time: number): boolean {
    const { apartMs } = this.#correlation
    return apartMs === 0 || this.occurrences.lengthOf(window) === 0 || time - this.newest(window) >= apartMs
  }

  /** Adds an occurrence without testing the condition. */
  add(window: number, time: number, mark: Mark): void {
    this.#measure.added(window, mark, this.occurrences.insert(window, time, mark))
  }

  /**
   * Evaluates the previous timespan once an event shows that it has passed. Consecutive timespans are reported once.
   */
  #observeAtEnd(window: number, time: number, mark: Mark, counts: boolean): CorrelationResult | undefined {
    const { occurrences } = this
    const reported = this.fired(window) === 1
    let result: CorrelationResult | undefined
    if (occurrences.lengthOf(window) > 0 && time > occurrences.firstTime(window) + this.#correlation.timespanMs) {
      result = this.#evaluate(window)
      this.#empty(window)
      this.#rows[window * ROW + FIRED] = result ? 1 : 0
    }
    const room = occurrences.lengthOf(window) < MAX_OCCURRENCES && occurrences.size < MAX_TOTAL
    if (counts && room) this.add(window, time, mark)
    return reported ? undefined : result
  }

  #isTooLong(window: number): boolean {
    const length = this.occurrences.lengthOf(window)
    return length > MAX_OCCURRENCES || (length > 1 && this.occurrences.size > MAX_TOTAL)
  }

  #evaluate(window: number): CorrelationResult | undefined {
    const measure = this.#measure.of(window)
    if (measure === undefined || !meetsCondition(measure, this.#correlation)) return undefined
    const { occurrences } = this
    return { measure, events: occurrences.lengthOf(window), firstTime: occurrences.firstTime(window) }
  }

  #empty(window: number): void {
    if (this.occurrences.lengthOf(window) === 0) return
    this.occurrences.clear(window)
    this.#measure.open(window)
  }
}
