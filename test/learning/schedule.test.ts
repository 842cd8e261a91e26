import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DriftReport } from '../../src/core/documents/drift.ts'
import { INITIAL_STATE, type LearningState, next } from '../../src/learning/lifecycle.ts'
import { horizon, isCollecting, isComplete, retrainReason, unlearntReason } from '../../src/learning/schedule.ts'

const limits = { warmup: 100, retrainAfter: 1000 }
const ensemble: LearningState = { ...INITIAL_STATE, phase: 'ensemble', judging: 'ensemble', version: 1 }
const seen = (state: LearningState, count: number, collecting: boolean) =>
  next(state, { type: 'events-seen', count, collecting, unlearnt: {} })

describe('collecting', () => {
  test('the warmup collects until it has enough events', () => {
    expect(isCollecting(INITIAL_STATE, limits)).toBe(true)
    const nearly = seen(INITIAL_STATE, 99, true)
    expect([isComplete(nearly, limits), horizon(nearly, limits)]).toEqual([false, 1])
    expect(isComplete(seen(nearly, 1, true), limits)).toBe(true)
  })

  test('training and waiting collect nothing', () => {
    for (const phase of ['training', 'waiting'] as const) {
      const state = { ...ensemble, phase, since: 5000, due: true }
      expect([isCollecting(state, limits), horizon(state, limits)]).toEqual([false, Number.POSITIVE_INFINITY])
    }
  })

  test('an ensemble collects after the configured events or when a retraining is due', () => {
    expect(isCollecting({ ...ensemble, since: 999 }, limits)).toBe(false)
    expect(horizon({ ...ensemble, since: 999 }, limits)).toBe(1)
    expect(isCollecting({ ...ensemble, since: 1000 }, limits)).toBe(true)
    expect(isCollecting({ ...ensemble, due: true }, limits)).toBe(true)
    expect(isCollecting({ ...ensemble, since: 1e9 }, { ...limits, retrainAfter: 0 })).toBe(false)
    expect(isCollecting({ ...ensemble, due: true }, { ...limits, retrainAfter: 0 })).toBe(true)
  })

  test('a frozen state collects in no phase', () => {
    for (const phase of ['warmup', 'training', 'waiting', 'ensemble'] as const) {
      expect(isCollecting({ ...ensemble, phase, due: true, since: 1e9, frozen: true }, limits)).toBe(false)
    }
  })

  test('a collection waits four warmups and four batches for logs that were learnt before', () => {
    const collecting = (collected: number, waited: number) => ({ ...ensemble, due: true, collected, waited })
    expect(isComplete(collecting(100, 0), limits, false)).toBe(false)
    expect(horizon(collecting(100, 0), limits)).toBe(100)
    expect([isComplete(collecting(150, 0), limits, true), horizon(collecting(150, 0), limits)]).toEqual([false, 50])
    expect(isComplete(collecting(200, 0), limits, true)).toBe(true)
    expect(isComplete(collecting(400, 3), limits, false)).toBe(false)
    expect(isComplete(collecting(300, 4), limits, false)).toBe(false)
    expect(isComplete(collecting(400, 4), limits, false)).toBe(true)
  })

  test('a collection ends at the same event for any block sizes, if blocks are cut at the horizon', () => {
    const run = (sizes: readonly number[]) => {
      let state: LearningState = INITIAL_STATE
      const ended: number[] = []
      for (const size of sizes) {
        for (let left = size; left > 0; ) {
          const part = Math.min(left, horizon(state, limits))
          state = seen(state, part, isCollecting(state, limits))
          left -= part
          if (!isComplete(state, limits)) continue
          ended.push(state.seen)
          state = { ...state, phase: 'ensemble', collected: 0, since: 0 }
        }
      }
      return ended
    }
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(sizes, (cuts) => {
        const total = cuts.reduce((sum, size) => sum + size, 0)
        expect(run(cuts)).toEqual(run([total]))
      }),
    )
  })
})

describe('a retraining is due', () => {
  const drift = { ...limits, retrainOnDrift: true }
  const met = { ...ensemble, since: 100, unlearnt: { 'syslog postgres': 10, csv: 9 } }

  test('when an unlearnt kind of log makes up a tenth of a warmup, but not right after a training', () => {
    expect(unlearntReason(met, drift)).toContain('"syslog postgres"')
    expect(unlearntReason({ ...met, unlearnt: { csv: 9 } }, drift)).toBeUndefined()
    expect(unlearntReason({ ...met, since: 99 }, drift)).toBeUndefined()
    expect(unlearntReason({ ...met, frozen: true }, drift)).toBeUndefined()
    expect(unlearntReason(met, limits)).toBeUndefined()
  })

  test('later after each failed training', () => {
    expect(unlearntReason({ ...met, since: 399, failed: 2 }, drift)).toBeUndefined()
    expect(unlearntReason({ ...met, since: 400, failed: 2 }, drift)).toContain('postgres')
  })

  test('at every second warmup when traffic has drifted; it is measured at no other event', async () => {
    let measured = 0
    const reason = (state: LearningState) =>
      retrainReason(state, drift, Number.NaN, async () => {
        measured++
        return { level: 'retrain', summary: '9 of 12 features moved.' } as DriftReport
      })
    expect(await reason({ ...ensemble, seen: 399, since: 399 })).toBeUndefined()
    expect(measured).toBe(0)
    expect(await reason({ ...ensemble, seen: 400, since: 400 })).toBe('9 of 12 features moved.')
    expect(horizon({ ...ensemble, seen: 399, since: 399 }, drift)).toBe(1)
  })

  test('when the models are too old in log time, and never if their age is unknown', async () => {
    const aged = { ...limits, retrainAfterMs: 1000 }
    const checked = { ...ensemble, seen: 400, since: 400, trainedAt: 5000 }
    const reason = (state: LearningState, now: number) => retrainReason(state, aged, now, async () => undefined)
    expect(await reason(checked, 5999)).toBeUndefined()
    expect(await reason(checked, 6000)).toContain('maximum age')
    expect(await reason({ ...checked, trainedAt: null }, 9e9)).toBeUndefined()
    expect(await reason(checked, Number.NaN)).toBeUndefined()
  })
})
