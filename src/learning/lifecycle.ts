import { z } from 'zod'
import type { Phase } from '../core/documents/finding.ts'
import { decodeJson } from '../core/saved-json.ts'
import type { LogCounts } from './logs/learnt-logs.ts'
import type { Orders } from './orders.ts'

/**
 * The state machine of the learnt detectors. Progress is counted in events, never in hours:
 *
 *   warmup   --enough events collected-------------------> training
 *   warmup   --the model directory already holds models--> ensemble
 *   training --transformer trained-----------------------> waiting
 *   training --first forest, no transformer--------------> ensemble
 *   training --training failed or had too little data----> ensemble
 *   training --process restarted without training data---> ensemble
 *   waiting  --next batch begins-------------------------> ensemble
 *   ensemble --enough new events collected---------------> training   (the current models keep judging)
 *   any      --no model version can be read--------------> warmup
 *   training --first models cannot be stored-------------> warmup
 *
 * The first forest judges from the event that ends the warmup, because fitting it takes a fraction of a second.
 * `next` is the only place where the state changes.
 */
export interface LearningState {
  readonly phase: Phase
  /** Phase of the models that judge. It changes at fixed events or batches, never at the moment when a training ends. */
  readonly judging: Phase
  /** Events seen since the first start. */
  readonly seen: number
  /** Events collected for the next training. */
  readonly collected: number
  /** Events seen since the last training began. */
  readonly since: number
  /** Log time of the last event in the last training set, ms since the epoch; null if that event had no time. */
  readonly trainedAt: number | null
  /** Model version that judges; 0 while there is none. */
  readonly version: number
  /** Whether to collect for a new training now. */
  readonly due: boolean
  /** Whether collecting is suspended. */
  readonly frozen: boolean
  /** Number of requested retrainings that have been started. */
  readonly served: number
  /** Events since the last training from kinds of log that the models have not learnt, per kind. */
  readonly unlearnt: LogCounts
  /** Batches that began during the current collection. */
  readonly waited: number
  /** Trainings in a row that failed. */
  readonly failed: number
  /** Model versions newer than the one in use that cannot be read, which was reported. */
  readonly unusable: readonly number[]
}

export const INITIAL_STATE: LearningState = {
  phase: 'warmup',
  judging: 'warmup',
  seen: 0,
  collected: 0,
  since: 0,
  trainedAt: null,
  version: 0,
  due: false,
  frozen: false,
  served: 0,
  unlearnt: {},
  waited: 0,
  failed: 0,
  unusable: [],
}

/** Everything that can change the state. */
export type LifecycleEvent =
  /** `frozen` is the configured value; an order overrides it. */
  | { readonly type: 'orders-read'; readonly orders: Orders; readonly frozen: boolean }
  | { readonly type: 'batch-began'; readonly has: { readonly models: boolean; readonly transformer: boolean } }
  | { readonly type: 'events-seen'; readonly count: number; readonly collecting: boolean; readonly unlearnt: LogCounts }
  | { readonly type: 'retraining-due'; readonly reason: string }
  /** `trainedAt`: see `LearningState`. */
  | { readonly type: 'training-began'; readonly trainedAt: number | null }
  /** The warmup has ended and its forest judges from the next event on. */
  | { readonly type: 'first-forest-loaded'; readonly version: number }
  /** `first`: the new models judge already, so they need not wait for the next batch. */
  | { readonly type: 'training-done'; readonly first: boolean }
  | { readonly type: 'training-failed'; readonly reason: string }
  /** A restart interrupted a training, and its training set is gone. */
  | { readonly type: 'training-lost' }
  /** What was collected cannot be read. */
  | { readonly type: 'collection-lost' }
  /** Other models judge from here on: a new version, an older one chosen by a person, or an imported one. */
  | { readonly type: 'models-loaded'; readonly version: number }
  /** A version cannot be read. */
  | { readonly type: 'version-unusable'; readonly version: number }
  /** No version can be read. */
  | { readonly type: 'models-lost' }
  /** The first models cannot be stored. */
  | { readonly type: 'models-unsaved'; readonly reason: string }

const NOTHING_COLLECTED = { collected: 0, since: 0, waited: 0, due: false } as const

/** The state after an event. */
export function next(state: LearningState, event: LifecycleEvent): LearningState {
  switch (event.type) {
    case 'orders-read':
      return applyOrders(state, event.orders, event.frozen)
    case 'batch-began':
      return beginBatch(state, event.has)
    case 'events-seen':
      return countEvents(state, event.count, event.collecting, event.unlearnt)
    case 'retraining-due':
      return { ...state, due: true }
    case 'training-began':
      return { ...state, ...NOTHING_COLLECTED, phase: 'training', unlearnt: {}, trainedAt: event.trainedAt }
    case 'first-forest-loaded':
      return { ...state, version: event.version, unusable: [], unlearnt: {}, judging: 'training' }
    case 'training-done':
      return { ...state, failed: 0, ...(event.first ? IN_ENSEMBLE : { phase: 'waiting' }) }
    case 'training-failed':
      return { ...state, failed: state.failed + 1, phase: 'ensemble' }
    case 'training-lost':
      return { ...state, due: true, phase: 'ensemble' }
    case 'collection-lost':
      return { ...state, ...NOTHING_COLLECTED }
    case 'models-loaded':
      return useVersion(state, event.version)
    case 'version-unusable':
      return { ...state, unusable: [...state.unusable, event.version].slice(-MAX_UNUSABLE) }
    case 'models-lost':
      return { ...state, ...NOTHING_COLLECTED, ...IN_WARMUP }
    case 'models-unsaved':
      return { ...state, ...NOTHING_COLLECTED, ...IN_WARMUP, failed: state.failed + 1 }
    default:
      return event satisfies never
  }
}

/** Versions that are remembered as unusable; a model directory seldom holds more. */
const MAX_UNUSABLE = 100
const IN_WARMUP = { phase: 'warmup', judging: 'warmup', version: 0 } as const
const IN_ENSEMBLE = { phase: 'ensemble', judging: 'ensemble' } as const

/** A retraining ordered during the warmup has no effect: the warmup already collects for one. */
function applyOrders(state: LearningState, orders: Orders, frozen: boolean): LearningState {
  const asked = orders.retrainings > state.served && state.phase !== 'warmup'
  return { ...state, frozen: orders.frozen ?? frozen, due: state.due || asked, served: orders.retrainings }
}

function beginBatch(state: LearningState, has: { readonly models: boolean; readonly transformer: boolean }) {
  const phase = state.phase === 'waiting' ? 'ensemble' : state.phase
  const incomplete = phase === 'training' && !has.transformer
  const judging: Phase = has.models ? (incomplete ? 'training' : 'ensemble') : 'warmup'
  return { ...state, phase, judging, waited: state.collected > 0 ? state.waited + 1 : state.waited }
}

function countEvents(state: LearningState, count: number, collecting: boolean, unlearnt: LogCounts): LearningState {
  return {
    ...state,
    seen: state.seen + count,
    since: state.since + count,
    collected: state.collected + (collecting ? count : 0),
    unlearnt,
  }
}

/** A restart loads the version that judged before; what was counted for it stays valid. */
function useVersion(state: LearningState, version: number): LearningState {
  const unlearnt = version === state.version ? state.unlearnt : {}
  const warm = state.phase === 'warmup' ? { ...NOTHING_COLLECTED, phase: 'ensemble' as const } : {}
  const unusable = state.unusable.filter((one) => one > version)
  return { ...state, version, unusable, unlearnt, ...warm }
}

export function encodeState({ unlearnt, ...state }: LearningState): Uint8Array {
  return Buffer.from(JSON.stringify({ ...state, strange: unlearnt }))
}

const PhaseSchema = z.enum(['warmup', 'training', 'waiting', 'ensemble'])
const CountSchema = z.int().nonnegative()
const StateSchema = z
  .object({
    phase: PhaseSchema,
    judging: PhaseSchema,
    seen: CountSchema,
    collected: CountSchema,
    since: CountSchema,
    trainedAt: z.number().nullable(),
    version: CountSchema,
    due: z.boolean(),
    frozen: z.boolean(),
    served: CountSchema,
    strange: z.record(z.string(), CountSchema),
    waited: CountSchema,
    failed: CountSchema,
    unusable: z.array(CountSchema),
  })
  .partial()
  .required({ phase: true })

/**
 * Fields that an older version did not store take their initial values. Every version stored the phase: without it, these
 * are the bytes of something else.
 * @throws OddlineError MODEL_INVALID if the bytes are damaged
 */
export function decodeState(bytes: Uint8Array | undefined): LearningState {
  if (!bytes) return INITIAL_STATE
  const { strange: unlearnt = {}, ...stored } = decodeJson('state of the learning', StateSchema, bytes)
  return { ...INITIAL_STATE, ...stored, unlearnt }
}

/** The orders that led to a state: what holds if the orders themselves cannot be read. */
export function ordersBehind({ frozen, served }: LearningState): Orders {
  return { frozen, retrainings: served }
}
