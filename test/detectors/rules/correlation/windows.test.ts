import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Groups } from '../../../../src/detectors/rules/correlation/groups.ts'
import type { Mark } from '../../../../src/detectors/rules/correlation/occurrences.ts'
import { isEvaluatedAtEnd } from '../../../../src/detectors/rules/correlation/result.ts'
import type { Correlation } from '../../../../src/detectors/rules/sigma/model.ts'
import { parseSigma } from '../../../../src/detectors/rules/sigma/parse.ts'

function correlationOf(text: string): Correlation {
  const [parsed] = parseSigma(`title: t\nid: t\ncorrelation: ${text}`, 'test.yml')
  if (parsed.kind !== 'correlation') throw new Error('is no correlation')
  return parsed
}

interface Occurrence {
  readonly time: number
  readonly mark: Mark
}

interface Plain {
  occurrences: Occurrence[]
  oldest: number
  newest: number
  fired: boolean
}

/** What windows do, done anew for each event: lists are sorted and measured as a whole. */
class Model {
  readonly #correlation: Correlation
  readonly #capacity: number
  readonly #groups = new Map<string, Plain[]>()

  constructor(correlation: Correlation, capacity: number) {
    this.#correlation = correlation
    this.#capacity = capacity
  }

  observe(group: string, time: number, mark: Mark): number | undefined {
    const stretches = this.#groups.get(group) ?? []
    this.#groups.delete(group)
    this.#groups.set(group, stretches)
    if (this.#groups.size > this.#capacity) this.#groups.delete([...this.#groups.keys()][0])
    const gap = isEvaluatedAtEnd(this.#correlation) ? Number.POSITIVE_INFINITY : this.#correlation.timespanMs
    let window = stretches.find(({ oldest, newest }) => time >= oldest - gap && time <= newest + gap)
    if (!window) {
      window = { occurrences: [], oldest: time, newest: time, fired: false }
      stretches.push(window)
      if (stretches.length > 4) stretches.shift()
    }
    window.oldest = Math.min(window.oldest, time)
    window.newest = Math.max(window.newest, time)
    return isEvaluatedAtEnd(this.#correlation) ? this.#atClose(window, time, mark) : this.#open(window, time, mark)
  }

  #open(window: Plain, time: number, mark: Mark): number | undefined {
    if (window.fired) return undefined
    this.#insert(window, time, mark)
    window.occurrences = window.occurrences.filter((each) => each.time >= window.newest - this.#correlation.timespanMs)
    const measure = this.#judge(window)
    if (measure === undefined) return undefined
    window.fired = true
    window.occurrences = []
    return measure
  }

  #atClose(window: Plain, time: number, mark: Mark): number | undefined {
    const told = window.fired
    let measure: number | undefined
    if (window.occurrences.length > 0 && time > window.occurrences[0].time + this.#correlation.timespanMs) {
      measure = this.#judge(window)
      window.occurrences = []
      window.fired = measure !== undefined
    }
    this.#insert(window, time, mark)
    return told ? undefined : measure
  }

  #insert({ occurrences }: Plain, time: number, mark: Mark): void {
    occurrences.push({ time, mark })
    occurrences.sort((a, b) => a.time - b.time)
  }

  #judge({ occurrences }: Plain): number | undefined {
    const measure = this.#measure(occurrences.map(({ mark }) => mark))
    if (measure === undefined || Number.isNaN(measure)) return undefined
    const compare = { gt: 1, gte: 1, lt: -1, lte: -1, eq: 0, neq: 0 }
    const holds = this.#correlation.thresholds.every(({ operator, value }) => {
      if (operator === 'neq') return measure !== value
      if (measure === value) return operator.endsWith('e') || operator === 'eq'
      return Math.sign(measure - value) === compare[operator]
    })
    return holds ? measure : undefined
  }

  #measure(marks: readonly Mark[]): number | undefined {
    const { type, rules, thresholds, percentile } = this.#correlation
    const numbers = marks.map(Number)
    const different = new Set(marks).size
    if (type === 'event_count') return marks.length
    if (type === 'value_count') return different
    if (type === 'temporal') return different === rules.length || thresholds.length > 0 ? different : undefined
    if (type === 'temporal_ordered') {
      let wanted = 0
      for (const mark of marks) if (mark === wanted) wanted++
      return wanted === rules.length ? wanted : undefined
    }
    const sum = numbers.reduce((total, value) => total + value, 0)
    if (type === 'value_sum') return sum
    if (type === 'value_avg') return sum / marks.length
    const sorted = numbers.sort((a, b) => a - b)
    return sorted[Math.max(0, Math.ceil((percentile / 100) * marks.length) - 1)]
  }
}

const text = fc.constantFrom('a', 'b', 'c', 'd')
const number = fc.oneof(fc.integer({ min: -5, max: 20 }), fc.constantFrom(0.1, 0.7, 1e-9, 3.3, 2 ** 60, Number.NaN))
const position = fc.nat(2)
const nothing = fc.constant(0)

describe('the windows of a correlation of type', () => {
  it.each<[string, fc.Arbitrary<Mark>]>([
    ['{type: event_count, rules: [a], timespan: 10s, condition: {gte: 5}}', nothing],
    ['{type: event_count, rules: [a], timespan: 10s, condition: {lt: 4}}', nothing],
    ['{type: value_count, rules: [a], timespan: 10s, condition: {field: v, gte: 4}}', text],
    ['{type: value_count, rules: [a], timespan: 10s, condition: {field: v, eq: 5}}', text],
    ['{type: value_count, rules: [a], timespan: 10s, condition: {field: v, lte: 2}}', text],
    ['{type: value_sum, rules: [a], timespan: 10s, condition: {field: v, gte: 60}}', number],
    ['{type: value_sum, rules: [a], timespan: 10s, condition: {field: v, eq: 1}}', number],
    ['{type: value_avg, rules: [a], timespan: 10s, condition: {field: v, gt: 9}}', number],
    ['{type: value_avg, rules: [a], timespan: 10s, condition: {field: v, lt: 3}}', number],
    ['{type: value_percentile, rules: [a], timespan: 10s, condition: {field: v, percentile: 40, gte: 9}}', number],
    ['{type: temporal, rules: [a, b, c], timespan: 10s}', position],
    ['{type: temporal, rules: [a, b, c], timespan: 10s, condition: {lt: 2}}', position],
    ['{type: temporal_ordered, rules: [a, b, c], timespan: 10s}', position],
    ['{type: temporal_ordered, rules: [a, b, c], timespan: 10s, condition: {neq: 2}}', position],
  ])('%s judge as if each event were judged by all', (rule, mark) => {
    const correlation = correlationOf(rule)
    // Mostly forward, sometimes back, now and then far away.
    const step = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1500, max: 2500 }) }, fc.constant(40_000))
    const event = fc.record({ step, group: fc.constantFrom('x', 'x', 'x', 'y', 'z'), mark })
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 150 }), (events) => {
        const groups = new Groups(correlation, 2)
        const model = new Model(correlation, 2)
        let time = 0
        for (const { step: by, group, mark: each } of events) {
          time += by
          const window = groups.windowAt(groups.keys.claim(group), time)
          const verdict = groups.windows.observe(window, time, each)
          expect(verdict?.measure).toBe(model.observe(group, time, each))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('event_count keep no more occurrences than they may, however many come', () => {
    const correlation = correlationOf('{type: event_count, rules: [a], timespan: 1d, condition: {gte: 20000}}')
    const { windows } = new Groups(correlation, 2)
    const window = windows.open(0)
    for (let i = 0; i < 30_000; i++) expect(windows.observe(window, i, 0)).toBeUndefined()
    expect(windows.occurrences.lengthOf(window)).toBe(10_000)
    expect(windows.occurrences.firstTime(window)).toBe(20_000)
    expect(windows.occurrences.size).toBe(10_000)
  })
})
