import { describe, expect, it } from 'vitest'
import { CorrelationEngine } from '../../../../src/detectors/rules/correlation/engine.ts'
import { parseSigma } from '../../../../src/detectors/rules/sigma/parse.ts'
import type { EventView } from '../../../../src/detectors/rules/views/view.ts'

interface Step {
  readonly at: number
  readonly rule?: string
  readonly [field: string]: string | number | undefined
}

/** Seconds at which a correlation fires on steps, each of which is an event that a rule matched. */
function fires(correlation: string, steps: readonly Step[]): number[] {
  const [parsed] = parseSigma(`title: t\nname: outer\ncorrelation: ${correlation}`, 'test.yml')
  if (parsed.kind !== 'correlation') throw new Error('is no correlation')
  const engine = new CorrelationEngine([parsed])
  return steps.flatMap((step) => {
    const view = step as unknown as EventView
    const read = (_: EventView, name: string) => (step[name] === undefined ? undefined : String(step[name]))
    return engine.observe(step.rule ?? 'a', view, step.at * 1000, read).map(() => step.at)
  })
}

const each = (seconds: readonly number[], fields: object = {}): Step[] => seconds.map((at) => ({ at, ...fields }))
const values = (...numbers: readonly number[]): Step[] => numbers.map((v, at) => ({ at, v }))

describe('a correlation of type', () => {
  it('event_count counts within the timespan, each group by itself', () => {
    const rule = '{type: event_count, rules: [a], group-by: [ip], timespan: 10s, condition: {gte: 3}}'
    expect(fires(rule, each([0, 5, 10], { ip: 'x' }))).toEqual([10])
    expect(fires(rule, each([0, 6, 12, 18], { ip: 'x' }))).toEqual([])
    expect(fires(rule, [...each([0, 1], { ip: 'x' }), ...each([2, 3], { ip: 'y' })])).toEqual([])
    expect(fires(rule, each([0, 1, 2]))).toEqual([])
  })

  it('event_count counts a burst as one event where it asks for a distance', () => {
    const rule = '{type: event_count, rules: [a], timespan: 1h, condition: {gte: 3}, at-least-apart: 1m}'
    expect(fires(rule, each([0, 60, 120]))).toEqual([120])
    expect(fires(rule, each([0, 1, 2, 60, 61, 121, 122]))).toEqual([])
    expect(fires(rule, each([0, 1, 2, 62, 63, 123]))).toEqual([123])
    expect(fires(rule, each(Array.from({ length: 500 }, (_, i) => i * 30)))).toEqual([])
    // A line that comes late counts no more than it would have in time.
    expect(fires(rule, each([0, 60, 59, 119]))).toEqual([])
    expect(() => fires(rule.replace('event_count', 'temporal').replace(/condition: .*?}, /, ''), [])).toThrow(
      '"at-least-apart" is not supported by a correlation of type temporal; remove it',
    )
  })

  it('event_count holds all of its bounds', () => {
    const rule = (condition: string) => `{type: event_count, rules: [a], timespan: 1m, condition: {${condition}}}`
    expect(fires(rule('gt: 2'), each([0, 1, 2]))).toEqual([2])
    expect(fires(rule('eq: 2'), each([0, 1, 2]))).toEqual([1])
    expect(fires(rule('gt: 1, lte: 2'), each([0, 1, 2]))).toEqual([1])
    // Fewer than three in the minute that has passed: judged at the next event.
    expect(fires(rule('lt: 3'), each([0, 1, 100]))).toEqual([100])
    expect(fires(rule('lt: 3'), each([0, 1, 2, 100]))).toEqual([])
    expect(fires(rule('lt: 3'), each([0, 100, 200, 201, 202, 203, 300, 400, 500]))).toEqual([100, 400])
  })

  it('value_count counts different values, of several fields together too', () => {
    const rule = '{type: value_count, rules: [a], timespan: 1m, condition: {field: v, gte: 3}}'
    expect(fires(rule, values(1, 1, 2, 2, 3))).toEqual([4])
    const pair = '{type: value_count, rules: [a], timespan: 1m, condition: {field: [v, w], gte: 2}}'
    expect(
      fires(pair, [
        { at: 0, v: 1, w: 1 },
        { at: 1, v: 1, w: 1 },
        { at: 2, v: 1, w: 2 },
      ]),
    ).toEqual([2])
  })

  it('value_sum, value_avg and value_percentile judge numbers', () => {
    const rule = (type: string, condition: string) =>
      `{type: ${type}, rules: [a], timespan: 1m, condition: {field: v, ${condition}}}`
    expect(fires(rule('value_sum', 'gte: 10'), values(4, 5, 1))).toEqual([2])
    expect(fires(rule('value_avg', 'gt: 4'), values(4, 4, 7))).toEqual([2])
    expect(fires(rule('value_percentile', 'percentile: 50, gte: 5'), values(1, 9, 2, 9, 9))).toEqual([4])
    expect(
      fires(rule('value_sum', 'gte: 10'), [
        { at: 0, v: 'x' },
        { at: 1, v: 20 },
      ]),
    ).toEqual([])
  })

  it('temporal wants every rule in any order, temporal_ordered in that of the list', () => {
    const rule = (type: string) => `{type: ${type}, rules: [a, b, c], timespan: 10s}`
    const steps = (rules: string, pace = 1) => [...rules].map((name, i) => ({ at: i * pace, rule: name }))
    expect(fires(rule('temporal'), steps('cab'))).toEqual([2])
    expect(fires(rule('temporal'), steps('cab', 6))).toEqual([])
    expect(fires(rule('temporal_ordered'), steps('cab'))).toEqual([])
    expect(fires(rule('temporal_ordered'), steps('baabc'))).toEqual([4])
    expect(fires('{type: temporal, rules: [a, b, c], timespan: 10s, condition: {gte: 2}}', steps('ac'))).toEqual([1])
  })

  it('groups different fields by an alias', () => {
    const rule = '{type: temporal, rules: [a, b], group-by: [peer], timespan: 10s, aliases: {peer: {a: src, b: dst}}}'
    expect(
      fires(rule, [
        { at: 0, rule: 'a', src: 'x' },
        { at: 1, rule: 'b', dst: 'x' },
      ]),
    ).toEqual([1])
    expect(
      fires(rule, [
        { at: 0, rule: 'a', src: 'x' },
        { at: 1, rule: 'b', dst: 'y', src: 'x' },
      ]),
    ).toEqual([])
  })

  it('reads every unit of time', () => {
    for (const [unit, seconds] of [
      ['s', 1],
      ['m', 60],
      ['h', 3600],
      ['d', 86_400],
      ['w', 604_800],
    ] as const) {
      const rule = `{type: event_count, rules: [a], timespan: 2${unit}, condition: {gte: 2}}`
      expect(fires(rule, each([0, 2 * seconds]))).toEqual([2 * seconds])
      expect(fires(rule, each([0, 2 * seconds + 1]))).toEqual([])
    }
  })

  it.each([
    ['{type: event_count, rules: [a], timespan: 1m}', /needs a condition/],
    ['{type: event_count, rules: [a], condition: {gte: 1}}', /needs "timespan"/],
    ['{type: event_count, timespan: 1m, condition: {gte: 1}}', /needs "rules"/],
    ['{type: value_count, rules: [a], timespan: 1m, condition: {gte: 1}}', /needs "condition.field"/],
    ['{type: event_count, rules: [a], timespan: 1 hour, condition: {gte: 1}}', /timespan "1 hour"/],
    ['{type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}, known-for: 1d}', /is not supported/],
    ['{type: oddline_silence, timespan: 1h, rules: [a], condition: {gte: 1}}', /"rules" is not supported/],
    ['{type: oddline_new_value, rules: [a], condition: {gte: 1}}', /needs "condition.field"/],
    ['{type: often, rules: [a], timespan: 1m}', /type/],
  ])('is refused with a reason: %s', (correlation, reason) => {
    const document = `title: t\nlogsource: {category: authentication}\ncorrelation: ${correlation}`
    expect(() => parseSigma(document, 'test.yml')).toThrow(reason)
  })
})
