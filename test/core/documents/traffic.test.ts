import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { busiestPeriod, countTraffic, emptyTraffic, sampleTraffic } from '../../../src/core/documents/traffic.ts'

const times = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1.7e12, max: 1.7001e12 }), fc.constant(Number.NaN)),
  { maxLength: 3000 },
)
const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0)

describe('traffic over log time', () => {
  it('counts every event that has a time, in a bounded number of buckets', () => {
    fc.assert(
      fc.property(times, (list) => {
        const traffic = emptyTraffic()
        countTraffic(traffic, Float64Array.from(list))
        expect(total(traffic.counts)).toBe(list.filter((time) => !Number.isNaN(time)).length)
        expect(Object.keys(traffic.counts).length).toBeLessThanOrEqual(512)
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on where blocks begin and end', () => {
    fc.assert(
      fc.property(times, fc.nat(), (list, cut) => {
        const whole = emptyTraffic()
        countTraffic(whole, Float64Array.from(list))
        const parts = emptyTraffic()
        const at = list.length === 0 ? 0 : cut % list.length
        countTraffic(parts, Float64Array.from(list.slice(0, at)))
        countTraffic(parts, Float64Array.from(list.slice(at)))
        expect(parts).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('samples what lies within the scale and leaves out the rest', () => {
    const traffic = { width: 1000, counts: { 0: 5, 1: 7, 9: 1 } }
    expect(sampleTraffic([traffic], 0, 4000, 4).counts).toEqual([5, 7, 0, 0])
  })

  it('draws even traffic even, whatever the widths, and every event of it', () => {
    const counts = Object.fromEntries(Array.from({ length: 130 }, (_, minute) => [minute, 200]))
    const sampled = sampleTraffic([{ width: 60_000, counts }], 0, 130 * 60_000, 96).counts
    expect(Math.max(...sampled) - Math.min(...sampled)).toBeLessThanOrEqual(1)
    expect(sampled.reduce((sum, n) => sum + n, 0)).toBe(26_000)
  })

  it('finds the busiest period among stretches that lie weeks apart', () => {
    const day = 86_400_000
    const traffic = { width: day, counts: { 0: 10, 1: 10, 400: 50, 405: 50 } }
    expect(busiestPeriod([traffic])).toEqual({ first: 400 * day, last: 406 * day, whole: false })
    expect(busiestPeriod([])).toBeUndefined()
  })
})
