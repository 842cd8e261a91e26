import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeState,
  encodeState,
  INITIAL_STATE,
  type LearningState,
  type LifecycleEvent,
  next,
} from '../../src/learning/lifecycle.ts'
import { decodeOrders, encodeOrders, type Orders } from '../../src/learning/orders.ts'

const ensemble: LearningState = { ...INITIAL_STATE, phase: 'ensemble', judging: 'ensemble', version: 1 }
const apply = (state: LearningState, ...events: readonly LifecycleEvent[]) => events.reduce(next, state)
const COMPLETE = { models: true, transformer: true }

describe('the state machine', () => {
  test('goes from the first event to the ensemble, the forest judging while the transformer is trained', () => {
    const collected = apply(
      INITIAL_STATE,
      { type: 'batch-began', has: { models: false, transformer: false } },
      { type: 'events-seen', count: 500, collecting: true, unlearnt: {} },
    )
    expect(collected).toMatchObject({ phase: 'warmup', judging: 'warmup', seen: 500, collected: 500, since: 500 })
    const trained = apply(
      collected,
      { type: 'training-began', trainedAt: 7 },
      { type: 'first-forest-loaded', version: 1 },
    )
    expect(trained).toMatchObject({ phase: 'training', judging: 'training', version: 1, collected: 0, trainedAt: 7 })
    const waiting = next(trained, { type: 'training-done', first: false })
    expect(waiting).toMatchObject({ phase: 'waiting', judging: 'training' })
    expect(next(waiting, { type: 'batch-began', has: COMPLETE })).toMatchObject({
      phase: 'ensemble',
      judging: 'ensemble',
    })
  })

  test('a first forest without a transformer is the ensemble at once; a later one waits for the next batch', () => {
    const training = next(ensemble, { type: 'training-began', trainedAt: null })
    expect(next(training, { type: 'training-done', first: true })).toMatchObject({ phase: 'ensemble' })
    expect(next(training, { type: 'training-done', first: false })).toMatchObject({ phase: 'waiting' })
  })

  test('failures in a row are counted until a training succeeds', () => {
    const failed = { type: 'training-failed', reason: 'no memory left' } as const
    const twice = apply(ensemble, failed, failed)
    expect(twice).toMatchObject({ phase: 'ensemble', failed: 2 })
    expect(next(twice, { type: 'training-done', first: false }).failed).toBe(0)
  })

  test('models found in the directory end a warmup and drop what it collected', () => {
    const warm = apply(INITIAL_STATE, { type: 'events-seen', count: 50, collecting: true, unlearnt: {} })
    expect(next(warm, { type: 'models-loaded', version: 3 })).toMatchObject({
      phase: 'ensemble',
      version: 3,
      collected: 0,
    })
  })

  test('another version forgets the counts of unlearnt logs; the same version after a restart keeps them', () => {
    const met = { ...ensemble, unlearnt: { csv: 9 } }
    expect(next(met, { type: 'models-loaded', version: 2 }).unlearnt).toEqual({})
    expect(next(met, { type: 'models-loaded', version: 1 }).unlearnt).toEqual({ csv: 9 })
  })

  test('without any readable version the warmup begins again', () => {
    expect(next({ ...ensemble, due: true, collected: 5 }, { type: 'models-lost' })).toEqual({
      ...INITIAL_STATE,
      failed: 0,
    })
  })

  test('a lost training set makes a retraining due, a lost collection does not', () => {
    const training: LearningState = { ...ensemble, phase: 'training', collected: 8, waited: 1 }
    expect(next(training, { type: 'training-lost' })).toMatchObject({ phase: 'ensemble', due: true })
    expect(next({ ...ensemble, due: true, collected: 8, waited: 1 }, { type: 'collection-lost' })).toEqual(ensemble)
  })

  test('batches are counted only while a collection waits', () => {
    const began = { type: 'batch-began', has: COMPLETE } as const
    expect(next(ensemble, began).waited).toBe(0)
    expect(apply({ ...ensemble, collected: 1 }, began, began).waited).toBe(2)
  })

  test('every sequence of events leads to a state that can be saved and read back', () => {
    const event = fc.oneof(
      fc.record({
        type: fc.constant('events-seen' as const),
        count: fc.nat(1000),
        collecting: fc.boolean(),
        unlearnt: fc.dictionary(fc.string(), fc.nat()),
      }),
      fc.record({ type: fc.constant('training-began' as const), trainedAt: fc.option(fc.nat()) }),
      fc.record({ type: fc.constantFrom('models-loaded' as const, 'first-forest-loaded' as const), version: fc.nat() }),
      fc.record({ type: fc.constant('training-done' as const), first: fc.boolean() }),
      fc.record({
        type: fc.constantFrom('models-lost' as const, 'training-lost' as const, 'collection-lost' as const),
      }),
      fc.record({
        type: fc.constant('orders-read' as const),
        orders: fc.record({ retrainings: fc.nat() }),
        frozen: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const state = apply(INITIAL_STATE, ...events)
        expect(decodeState(encodeState(state))).toEqual(state)
      }),
    )
  })
})

describe('orders', () => {
  const ordered = (state: LearningState, orders: Orders, frozen = false) =>
    next(state, { type: 'orders-read', orders, frozen })

  test('a requested retraining is started once', () => {
    const asked = { retrainings: 1 }
    const served = ordered(ensemble, asked)
    expect(served.due).toBe(true)
    expect(ordered({ ...served, due: false }, asked).due).toBe(false)
    expect(ordered({ ...served, due: false }, { retrainings: 2 }).due).toBe(true)
  })

  test('a retraining requested during the warmup has no effect', () => {
    expect(ordered(INITIAL_STATE, { retrainings: 1 }).due).toBe(false)
  })

  test('an order to freeze or resume overrides the configuration', () => {
    expect(ordered(ensemble, { retrainings: 0 }, true).frozen).toBe(true)
    expect(ordered(ensemble, { retrainings: 0, frozen: false }, true).frozen).toBe(false)
    expect(ordered(ensemble, { retrainings: 0, frozen: true }, false).frozen).toBe(true)
  })

  test('orders can be saved and read back', () => {
    const orders = { retrainings: 3, frozen: true }
    expect(decodeOrders(encodeOrders(orders))).toEqual(orders)
    expect(decodeOrders(undefined)).toEqual({ retrainings: 0 })
  })
})

test('states saved by earlier versions are read: missing fields, and unlearnt logs under their old name', () => {
  expect(decodeState(Buffer.from('{"phase":"ensemble","seen":7,"strange":{"csv":9}}'))).toEqual({
    ...INITIAL_STATE,
    phase: 'ensemble',
    seen: 7,
    unlearnt: { csv: 9 },
  })
})

test('a state without a phase is foreign', () => {
  expect(() => decodeState(Buffer.from('{"format":999}'))).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }))
})
