import { describe, expect, test } from 'vitest'
import { contaminationOf } from '../../src/learning/models/loaded-models.ts'
import { EventRate } from '../../src/learning/training/event-rate.ts'
import { tempDir } from '../support/temp.ts'
import { FOREST_ALONE, Life, shopping, WARMUP } from './support.ts'

const HOUR = 3_600_000

describe('the event rate', () => {
  const times = (...hours: number[]) => Float64Array.from(hours, (hour) => hour * HOUR)

  test('is that of the hours with traffic, whatever lies between them', () => {
    const rate = new EventRate()
    rate.count(times(0, 0.5, 0.9, 1.1, 900.2, 900.3), new Uint8Array(6))
    expect(rate.eventsPerDay).toBe((24 * 6) / 3)
  })

  test('does not count what is left out nor what has no time, and is kept', () => {
    const rate = new EventRate()
    expect(rate.eventsPerDay).toBeUndefined()
    rate.count(Float64Array.of(Number.NaN, 0, 1, 2), Uint8Array.of(0, 0, 1, 0))
    const kept = new EventRate()
    kept.restore(rate.snapshot())
    expect([rate.eventsPerDay, kept.eventsPerDay]).toEqual([48, 48])
  })
})

describe('an alert budget', () => {
  const day = { eventsPerDay: 10_000 }

  test.each([
    ['stands for the contamination', day, { contamination: 0.01, alertsPerDay: 5 }, 0.0005],
    ['of nothing leaves the contamination', day, { contamination: 0.01, alertsPerDay: 0 }, 0.01],
    ['says nothing where a day is not known', {}, { contamination: 0.01, alertsPerDay: 5 }, 0.01],
    ['is at most half of the events', day, { contamination: 0.01, alertsPerDay: 1e9 }, 0.5],
  ])('%s', (_, models, options, expected) => {
    expect(contaminationOf(models, options)).toBe(expected)
  })

  test('holds on normal traffic like that of the training', async () => {
    const perDay = async (alertsPerDay: number) => {
      const life = new Life(tempDir(), { alertsPerDay, weights: FOREST_ALONE })
      await life.batch(shopping(WARMUP))
      const traffic = shopping(4 * WARMUP, WARMUP)
      const found = await life.batch(traffic)
      // Visits come once an hour.
      return found.length / (traffic.length / 60 / 24)
    }
    const [few, many] = [await perDay(2), await perDay(100)]
    expect(few).toBeLessThanOrEqual(4)
    expect(many).toBeGreaterThan(few)
    expect(many).toBeLessThanOrEqual(200)
  })
})

test('a flood of one request in the warmup does not become normal', async () => {
  const strange = { target: '/item?id=zz%7Eqq%7Eqq%7Eqq%7Eqq%7Eqq%7Eqq%7Eqq%7Eqq', client: '203.0.113.77' }
  const flooded = shopping(WARMUP).map((request, i) => (i % 3 === 0 ? { ...request, ...strange } : request))
  const life = new Life(tempDir(), { weights: FOREST_ALONE })
  await life.batch(flooded)
  const [last] = shopping(1, WARMUP)
  const found = await life.batch([{ ...last, ...strange }, ...shopping(50, WARMUP)])
  expect(found.map(({ url }) => url?.original)).toContain(strange.target)
})
