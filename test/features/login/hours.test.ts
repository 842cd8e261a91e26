import { describe, expect, test } from 'vitest'
import { Hours } from '../../../src/features/login/hours.ts'
import { LoginProfiles } from '../../../src/features/login/login-profiles.ts'

const HOUR = 3_600_000
/** A Monday. */
const START = Date.UTC(2026, 0, 5)
const AVERAGE = Math.log2(24)

/** What is learnt of so many hours from `from` on, `ofHour` events in each. */
function learnt(from: number, hours: number, ofHour: (hour: number) => number): Hours {
  const learning = new Hours()
  for (let hour = from; hour < from + hours; hour++) {
    const events = ofHour(hour)
    for (let i = 0; i < events; i++) learning.bits(START + (hour + i / events) * HOUR, true)
  }
  learning.freeze()
  return learning
}

const at = (hours: Hours, hour: number) => hours.bits(START + (hour + 0.5) * HOUR, false)

describe('an hour', () => {
  test('that the log time learnt does not cover is as an average one', () => {
    const morning = learnt(6, 4, () => 1000)
    for (let hour = 12; hour < 30; hour++) expect(at(morning, hour)).toBeCloseTo(AVERAGE, 0)
  })

  test('that it covers and that is silent is rare', () => {
    const office = learnt(0, 48, (hour) => (hour % 24 >= 8 && hour % 24 < 18 ? 500 : 0))
    expect(at(office, 72 + 3)).toBeGreaterThan(at(office, 72 + 12) + 5)
    expect(at(office, 3)).toBeGreaterThan(at(office, 12) + 2)
  })

  test('that has only begun is not rare for that', () => {
    const learning = new Hours()
    for (let i = 0; i < 4000; i++) learning.bits(START + (i / 1000) * HOUR, true)
    for (let i = 0; i < 20; i++) learning.bits(START + (4 + i / 1000) * HOUR, true)
    expect(learning.bits(START + 4.02 * HOUR, false)).toBeCloseTo(AVERAGE, 0)
  })

  test('of a day that has only begun is as on the days before, and not as one that was silent', () => {
    const office = learnt(0, 24 + 6, (hour) => (hour % 24 >= 8 && hour % 24 < 18 ? 500 : 100))
    expect(at(office, 24 + 12)).toBeCloseTo(at(office, 48 + 12), 5)
  })

  test('of a weekday that is quiet at night stays rare on it', () => {
    const week = learnt(-24, 192, (hour) => (hour >= 0 && hour < 6 ? 0 : 200))
    expect(at(week, 3)).toBeGreaterThan(at(week, 27) + 2)
  })
})

test('a month between two logs is not a month of silence', () => {
  const hours = new Hours()
  for (const from of [0, 30 * 24]) {
    for (let i = 0; i < 4000; i++) hours.bits(START + (from + i / 1000) * HOUR, true)
  }
  expect(at(hours, 12)).toBeCloseTo(AVERAGE, 0)
  // Neither is it where the older one is read after the newer one.
  for (let i = 0; i < 4000; i++) hours.bits(START + (4 + i / 1000) * HOUR, true)
  expect(at(hours, 6)).toBeCloseTo(at(hours, 2), 0)
})

test('the time watched is kept with the profiles; without it every hour counts as watched, as it did', () => {
  const profiles = new LoginProfiles({ hours: learnt(6, 4, () => 1000) })
  const restored = LoginProfiles.restore(profiles.snapshot())
  restored.freeze()
  expect(at(restored.hours, 20)).toBe(at(profiles.hours, 20))

  const before = new Hours(profiles.hours.counts, null)
  const anyDay = (events: number) => (events + 1) / (4000 + 24)
  const bits = (events: number) => -Math.log2((events + 50 * anyDay(events)) / (4000 + 50))
  expect(before.bits(START + 20 * HOUR, false)).toBeCloseTo(bits(0), 9)
  expect(before.bits(START + 7 * HOUR, false)).toBeCloseTo(bits(1000), 9)
})
