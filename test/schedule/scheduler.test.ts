import { expect, test } from 'vitest'
import { Scheduler, type Trigger } from '../../src/schedule/scheduler.ts'

function controlled() {
  const started: Trigger[] = []
  const ends: (() => void)[] = []
  const scheduler = new Scheduler((trigger) => {
    started.push(trigger)
    return new Promise((resolve) => ends.push(resolve))
  })
  return { scheduler, started, endRun: () => ends.shift()!() }
}

test('triggers during a run coalesce into one more run', async () => {
  const { scheduler, started, endRun } = controlled()
  scheduler.trigger('interval')
  scheduler.trigger('watch')
  scheduler.trigger('cron')
  expect(started).toEqual(['interval'])
  endRun()
  await Promise.resolve()
  await Promise.resolve()
  expect(started).toEqual(['interval', 'cron'])
  endRun()
  await scheduler.settled()
  expect(started).toHaveLength(2)
})

test('after a run has ended the next trigger starts another', async () => {
  const { scheduler, started, endRun } = controlled()
  scheduler.trigger('interval')
  endRun()
  await scheduler.settled()
  scheduler.trigger('interval')
  expect(started).toHaveLength(2)
  endRun()
  await scheduler.stop()
})

test('stop waits for the run under way, drops what was wanted, and lets nothing start again', async () => {
  const { scheduler, started, endRun } = controlled()
  scheduler.trigger('interval')
  scheduler.trigger('watch')
  const stopped = scheduler.stop()
  endRun()
  await stopped
  scheduler.trigger('interval')
  expect(started).toEqual(['interval'])
})
