import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  collects,
  decodeState,
  encodeState,
  horizon,
  type LearningState,
  NEWBORN,
  ready,
  seen,
  strangeKind,
} from '../../src/learning/lifecycle.ts'
import { decodeOrders, encodeOrders, obey } from '../../src/learning/orders.ts'

const limits = { warmup: 100, retrainAfter: 1000 }
const grown: LearningState = { ...NEWBORN, phase: 'ensemble', judging: 'ensemble', version: 1 }

describe('the words of the lifecycle', () => {
  test('the warmup collects until it has enough', () => {
    expect(collects(NEWBORN, limits)).toBe(true)
    const nearly = seen(NEWBORN, 99, true)
    expect([ready(nearly, limits), horizon(nearly, limits)]).toEqual([false, 1])
    expect(ready(seen(nearly, 1, true), limits)).toBe(true)
  })

  test('training and waiting collect nothing, whatever passes', () => {
    for (const phase of ['training', 'waiting'] as const) {
      const state = { ...grown, phase, since: 5000, due: true }
      expect([collects(state, limits), horizon(state, limits)]).toEqual([false, Number.POSITIVE_INFINITY])
    }
  })

  test('an ensemble collects anew after its events, or at once when it is due; never where retraining is off', () => {
    expect(collects({ ...grown, since: 999 }, limits)).toBe(false)
    expect(horizon({ ...grown, since: 999 }, limits)).toBe(1)
    expect(collects({ ...grown, since: 1000 }, limits)).toBe(true)
    expect(collects({ ...grown, due: true }, limits)).toBe(true)
    expect(collects({ ...grown, since: 1e9 }, { ...limits, retrainAfter: 0 })).toBe(false)
    expect(collects({ ...grown, due: true }, { ...limits, retrainAfter: 0 })).toBe(true)
  })

  test('what is frozen collects nothing in any phase', () => {
    for (const phase of ['warmup', 'training', 'waiting', 'ensemble'] as const) {
      expect(collects({ ...grown, phase, due: true, since: 1e9, frozen: true }, limits)).toBe(false)
    }
  })

  test('a cycle waits for what was learnt before, for some warmups and batches', () => {
    const collecting = (collected: number, waited: number) => ({ ...grown, due: true, collected, waited })
    expect(ready(collecting(100, 0), limits, false)).toBe(false)
    expect(horizon(collecting(100, 0), limits)).toBe(100)
    expect([ready(collecting(150, 0), limits, true), horizon(collecting(150, 0), limits)]).toEqual([false, 50])
    expect(ready(collecting(200, 0), limits, true)).toBe(true)
    expect([ready(collecting(400, 3), limits, false), ready(collecting(300, 4), limits, false)]).toEqual([false, false])
    expect(ready(collecting(400, 4), limits, false)).toBe(true)
  })

  test('a kind of log that is not learnt is learnt when there is a tenth of a warmup of it, not right after a training', () => {
    const met = { ...grown, since: 100, strange: { 'syslog postgres': 10, csv: 9 } }
    const drift = { ...limits, retrainOnDrift: true }
    expect(strangeKind(met, drift)).toBe('syslog postgres')
    expect(strangeKind({ ...met, strange: { csv: 9 } }, drift)).toBeUndefined()
    expect(strangeKind({ ...met, since: 99 }, drift)).toBeUndefined()
    expect(strangeKind({ ...met, since: 399, failed: 2 }, drift)).toBeUndefined()
    expect(strangeKind({ ...met, since: 400, failed: 2 }, drift)).toBe('syslog postgres')
    expect(strangeKind({ ...met, frozen: true }, drift)).toBeUndefined()
    expect(strangeKind(met, limits)).toBeUndefined()
  })

  test('a cycle ends at the same event however the events are cut, when blocks are cut at the horizon', () => {
    const run = (sizes: readonly number[]) => {
      let state: LearningState = NEWBORN
      const ended: number[] = []
      for (const size of sizes) {
        for (let left = size; left > 0; ) {
          const part = Math.min(left, horizon(state, limits))
          state = seen(state, part, collects(state, limits))
          left -= part
          if (!ready(state, limits)) continue
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

describe('orders', () => {
  test('a retraining that was asked for is served once', () => {
    const asked = { retrainings: 1 }
    const obeyed = obey(grown, asked, false)
    expect(obeyed.due).toBe(true)
    expect(obey({ ...obeyed, due: false }, asked, false).due).toBe(false)
    expect(obey({ ...obeyed, due: false }, { retrainings: 2 }, false).due).toBe(true)
  })

  test('the warmup is a training already: nothing becomes due by asking for another', () => {
    expect(obey(NEWBORN, { retrainings: 1 }, false).due).toBe(false)
  })

  test("a person's word to freeze or resume goes before the configuration", () => {
    expect(obey(grown, { retrainings: 0 }, true).frozen).toBe(true)
    expect(obey(grown, { retrainings: 0, frozen: false }, true).frozen).toBe(false)
    expect(obey(grown, { retrainings: 0, frozen: true }, false).frozen).toBe(true)
  })

  test('orders and state come back as they were kept; a state of before there were orders is read, too', () => {
    const orders = { retrainings: 3, frozen: true }
    expect(decodeOrders(encodeOrders(orders))).toEqual(orders)
    expect(decodeState(encodeState(grown))).toEqual(grown)
    expect(decodeState(Buffer.from('{"phase":"ensemble","seen":7}'))).toEqual({
      ...NEWBORN,
      phase: 'ensemble',
      seen: 7,
    })
  })
})
