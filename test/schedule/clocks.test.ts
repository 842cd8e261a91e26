import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startCron } from '../../src/schedule/cron.ts'
import { startInterval } from '../../src/schedule/interval.ts'
import { startWatch } from '../../src/schedule/watch.ts'
import { tempDir } from '../support/temp.ts'

describe('by the clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-05-10T12:30:00') })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('an interval counts from the start of the last run', () => {
    const tick = vi.fn()
    const timer = startInterval(3_600_000, Date.now() - 1_800_000, tick)
    vi.advanceTimersByTime(1_799_000)
    expect(tick).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_000)
    expect(tick).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(3_600_000)
    expect(tick).toHaveBeenCalledTimes(2)
    timer.stop()
    vi.advanceTimersByTime(36_000_000)
    expect(tick).toHaveBeenCalledTimes(2)
  })

  test('an interval that passed while nobody was there is caught up once, at once', () => {
    const tick = vi.fn()
    const timer = startInterval(3_600_000, Date.now() - 86_400_000, tick)
    vi.advanceTimersByTime(1)
    expect(tick).toHaveBeenCalledTimes(1)
    timer.stop()
  })

  test('a last run in the future, after the clock went back, does not put the next one off for longer than an interval', () => {
    const tick = vi.fn()
    const timer = startInterval(60_000, Date.now() + 86_400_000, tick)
    vi.advanceTimersByTime(60_000)
    expect(tick).toHaveBeenCalledTimes(1)
    timer.stop()
  })

  test.each([-7_200_000, -86_400_000, 432_000_000])('an interval runs on when the clock is set by %i ms', (byMs) => {
    const tick = vi.fn()
    const timer = startInterval(60_000, undefined, tick)
    vi.advanceTimersByTime(1)
    expect(tick).toHaveBeenCalledTimes(1)
    vi.setSystemTime(Date.now() + byMs)
    vi.advanceTimersByTime(180_000)
    expect(tick).toHaveBeenCalledTimes(4)
    timer.stop()
  })

  test.each([-7_200_000, -86_400_000])('cron times come as the clock says that was set by %i ms', async (byMs) => {
    const tick = vi.fn()
    const cron = startCron('*/10 * * * *', undefined, tick)
    vi.setSystemTime(Date.now() + byMs)
    await vi.advanceTimersByTimeAsync(1_800_000)
    expect(tick.mock.calls.filter(([why]) => why === 'cron').length).toBeGreaterThanOrEqual(2)
    await cron.stop()
  })

  test('a clock that is set forward beyond a cron time catches up once, and the next times come', async () => {
    const tick = vi.fn()
    const cron = startCron('0 3 * * *', undefined, tick)
    vi.setSystemTime(Date.now() + 432_000_000)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(tick.mock.calls).toEqual([['catch-up']])
    await vi.advanceTimersByTimeAsync(86_400_000)
    expect(tick.mock.calls).toEqual([['catch-up'], ['cron']])
    await cron.stop()
  })

  test('a cron time missed during downtime is caught up; one that was not missed is not', async () => {
    const tick = vi.fn()
    const missed = startCron('0 * * * *', Date.now() - 3_600_000, tick)
    expect(tick).toHaveBeenCalledWith('catch-up')
    await missed.stop()
    tick.mockClear()
    const fresh = startCron('0 * * * *', Date.now() - 60_000, tick)
    expect(tick).not.toHaveBeenCalled()
    await fresh.stop()
  })
})

test('a file that appears and grows causes one tick after it has settled', async () => {
  const dir = tempDir()
  mkdirSync(join(dir, 'logs'))
  let ticks = 0
  const ticked = new Promise<void>((resolve) => {
    const options = { dir: join(dir, 'logs'), settleMs: 50, maxWaitMs: 5_000, minIntervalMs: 0, onError: () => {} }
    const watching = startWatch(options, () => {
      ticks++
      void watching.stop().then(resolve)
    })
    void watching.ready.then(() => {
      writeFileSync(join(dir, 'logs', 'a.log'), 'one\n')
      appendFileSync(join(dir, 'logs', 'a.log'), 'two\n')
    })
  })
  await ticked
  expect(ticks).toBe(1)
})

/** The times of the first ticks, ms since the first, while a file grows every 20 ms. */
async function ticksOf(count: number, waits: { settleMs: number; maxWaitMs: number; minIntervalMs: number }) {
  const dir = tempDir()
  const at: number[] = []
  let writing: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    const watching = startWatch({ dir, ...waits, onError: () => {} }, () => {
      at.push(performance.now())
      if (at.length === count) void watching.stop().then(resolve)
    })
    void watching.ready.then(() => {
      writing = setInterval(() => appendFileSync(join(dir, 'a.log'), 'one\n'), 20)
    })
  })
  clearInterval(writing)
  return at.map((time) => time - at[0])
}

test('a file that never settles causes a tick after the longest wait, again and again', async () => {
  const ticks = await ticksOf(3, { settleMs: 60_000, maxWaitMs: 150, minIntervalMs: 0 })
  expect(ticks[1]).toBeGreaterThan(145)
  expect(ticks[2]).toBeGreaterThan(290)
})

test('changes shortly after a tick wait for the shortest interval', async () => {
  const ticks = await ticksOf(3, { settleMs: 1, maxWaitMs: 60_000, minIntervalMs: 300 })
  expect(ticks[1]).toBeGreaterThan(290)
  expect(ticks[2]).toBeGreaterThan(580)
})
