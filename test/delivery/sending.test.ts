import { describe, expect, it } from 'vitest'
import { afterFailure, afterSuccess, waitOf, withTokenSpent } from '../../src/delivery/sending/gate.ts'
import { TimedPlan } from '../../src/delivery/sending/notice-timing.ts'
import { DEFAULT_RETRY, splitExpired } from '../../src/delivery/sending/retry-policy.ts'
import { sendWithin } from '../../src/delivery/sending/time-limit.ts'
import { WakeSignal } from '../../src/delivery/sending/wake-signal.ts'
import { testNotice } from '../../src/delivery/sink/sample.ts'
import type { Gate } from '../../src/store/delivery/queue.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const fresh: Gate = {
  failures: 0,
  notBefore: 0,
  reason: null,
  detail: null,
  tokens: 1,
  tokensAt: NOW,
  deliveredAt: null,
  deliveredTotal: 0,
}

describe('the stored state of a sink', () => {
  const rate = { perSecond: 2, burst: 1 }

  it('makes the lane wait for the back-off first and then for a token', () => {
    const failed = afterFailure(withTokenSpent(fresh, rate, NOW), 'network', 'refused', NOW + 300)
    expect(waitOf(failed, rate, NOW)).toBe(300)
    expect(waitOf(failed, rate, NOW + 300)).toBe(200)
    expect(waitOf(failed, rate, NOW + 500)).toBe(0)
    expect(waitOf(failed, undefined, NOW + 300)).toBe(0)
  })

  it('forgets the failures after a success and counts what was delivered', () => {
    const failed = afterFailure(fresh, 'server_error', 'HTTP 500', NOW + 300)
    expect(failed).toMatchObject({ failures: 1, reason: 'server_error' })
    const delivered = afterSuccess(failed, 7, NOW + 400)
    expect(delivered).toMatchObject({ failures: 0, notBefore: 0, reason: null, detail: null })
    expect(delivered).toMatchObject({ deliveredAt: NOW + 400, deliveredTotal: 7 })
    expect(afterSuccess(delivered, 0, NOW + 900).deliveredAt).toBe(NOW + 400)
  })
})

describe('items whose time is over', () => {
  it('become dead letters with the reason of the last failure, and the others are retried', () => {
    const old = { attempts: 9, firstTriedAt: NOW - DEFAULT_RETRY.giveUpMs }
    const young = { attempts: 9, firstTriedAt: old.firstTriedAt + 1 }
    const failure = { reason: 'timeout', detail: 'no\nanswer' } as const
    expect(splitExpired([old, young], failure, DEFAULT_RETRY, NOW)).toEqual({
      retry: [young],
      dead: [{ item: old, reason: 'timeout', detail: 'given up after 72 h: no answer' }],
    })
  })
})

describe('a sink that breaks its contract', () => {
  const forever = new AbortController().signal

  it('is retried after its time limit if it ignores the abort signal', async () => {
    const outcome = await sendWithin(20, forever, () => new Promise<never>(() => {}))
    expect(outcome).toEqual({ kind: 'retry', reason: 'timeout', detail: 'no answer within 20 ms' })
  })

  it('is retried if it throws, with its message on one line', async () => {
    const outcome = await sendWithin(1_000, forever, () => Promise.reject(new Error('a\nbug')))
    expect(outcome).toEqual({ kind: 'retry', reason: 'unexpected', detail: 'a bug' })
  })

  it('gets the abort of the stop signal as its own', async () => {
    const stop = new AbortController()
    const sent = sendWithin(60_000, stop.signal, (signal) => {
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted')))
    })
    stop.abort()
    expect(await sent).toBe('aborted')
  })
})

describe('a sleeping loop', () => {
  it('is woken before its time', async () => {
    const signal = new WakeSignal()
    const slept = signal.sleep(3_600_000, signal.wakes)
    signal.wake()
    await slept
    expect(signal.wakes).toBe(1)
  })

  it('does not sleep over a wake that came while it was busy', async () => {
    const signal = new WakeSignal()
    const { wakes } = signal
    signal.wake()
    await signal.sleep(3_600_000, wakes)
    expect(signal.wakes).toBe(1)
  })
})

describe('the plan of notices', () => {
  const timing = { waitMs: 30_000, intervalMs: 300_000, repeatMs: 14_400_000, tellResolved: true }
  const plan = new TimedPlan(timing)
  const { incident } = testNotice(NOW)
  const told = { at: NOW, severity: incident.severity, findings: 10, status: 'open' } as const

  it('never postpones the first notice of an incident that keeps growing', () => {
    const first = plan.due(incident, undefined, null, NOW)
    expect(first).toBe(NOW + 30_000)
    expect(plan.due({ ...incident, findings: 2 }, undefined, first, NOW + 20_000)).toBe(first)
  })

  it.each([
    ['more severe', { severity: 'critical', findings: 11 }, NOW + 300_000],
    ['ten times as large', { findings: 100 }, NOW + 300_000],
    ['a little larger', { findings: 11 }, NOW + 14_400_000],
    ['unchanged', { findings: 10 }, null],
    ['resolved', { status: 'resolved', findings: 10 }, NOW + 300_000],
  ] as const)('an incident that is %s', (_, change, due) => {
    expect(plan.due({ ...incident, ...change }, told, null, NOW)).toBe(due)
  })

  it('has no notice of an end that people do not want or already know', () => {
    const resolved = { ...incident, status: 'resolved' } as const
    expect(new TimedPlan({ ...timing, tellResolved: false }).due(resolved, told, null, NOW)).toBeNull()
    expect(plan.due(resolved, { ...told, status: 'resolved' }, null, NOW)).toBeNull()
  })
})
