import type { Phase } from '../core/documents/finding.ts'
import { enoughOf, type LogCounts } from './logs/learnt-logs.ts'

/**
 * How far the learnt detectors are, counted in events and never in hours:
 *
 *   warmup --enough events--> training --transformer trained--> waiting --next batch--> ensemble
 *   warmup --models are there already--> ensemble
 *   training --too little to train it from, or it failed--> ensemble
 *   training --a later forest without a transformer--> waiting
 *   ensemble --enough further events or days, drift, a kind of log not learnt, or asked for: collected anew--> training
 *     (the models before judge meanwhile)
 *   any --none of the models can be read any more--> warmup
 *
 * The forest is in force from the beginning of the training on, because it takes a fraction of a second.
 */
export interface LearningState {
  readonly phase: Phase
  /** Phase that the models are of which judge: it changes at an event or with a batch, not when a training ends. */
  readonly judging: Phase
  /** Events seen since the beginning. */
  readonly seen: number
  /** Events of the cycle that is being collected. */
  readonly collected: number
  /** Events since the last training began. */
  readonly since: number
  /** Log time of the last event that the models were trained on, ms since the epoch; null where it had none. */
  readonly trainedAt: number | null
  /** Model version that judges; 0 while there is none. */
  readonly version: number
  /** Whether a collection is to begin without waiting for its turn. */
  readonly due: boolean
  readonly frozen: boolean
  /** Number of the last retraining that was asked for and taken up. */
  readonly served: number
  /** Events since the last training of kinds of log that the models have not learnt. */
  readonly strange: LogCounts
  /** Batches begun while the cycle is collected. */
  readonly waited: number
  /** Trainings one after another that came to nothing. */
  readonly failed: number
}

export const NEWBORN: LearningState = {
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
  strange: {},
  waited: 0,
  failed: 0,
}

export interface LearningLimits {
  /** Events to collect before a training. */
  readonly warmup: number
  /** Events after a training until the next collection begins; 0 means never. */
  readonly retrainAfter: number
  /** Log time after a training until the next collection begins, ms; 0 means never. */
  readonly retrainAfterMs?: number
  /** Whether models are learnt anew when the traffic has moved away from what they know. */
  readonly retrainOnDrift?: boolean
}

/** Warmups and batches over which a kind of log that was learnt before is waited for. */
const PATIENCE = 4
/** Part of a warmup that it takes of a kind of log that is not learnt to learn anew. */
const STRANGE_SHARE = 0.1
const MOST_DOUBLED = 6

/** Whether the events of the next block are to be collected for training. */
export function collects(state: LearningState, { retrainAfter }: LearningLimits): boolean {
  if (state.frozen) return false
  if (state.phase === 'warmup') return true
  if (state.phase !== 'ensemble') return false
  return state.due || (retrainAfter > 0 && state.since >= retrainAfter)
}

/** Events from here to the one with which a collection begins or may end. A block is cut there. */
export function horizon(state: LearningState, limits: LearningLimits): number {
  if (collects(state, limits)) return limits.warmup - (state.collected % limits.warmup)
  if (state.frozen || state.phase !== 'ensemble') return Number.POSITIVE_INFINITY
  const remaining = limits.retrainAfter - state.since
  const look = looks(limits) ? lookEvery(limits) - (state.seen % lookEvery(limits)) : Number.POSITIVE_INFINITY
  return Math.min(look, remaining > 0 ? remaining : Number.POSITIVE_INFINITY)
}

/**
 * Whether this is an event at which it is looked whether the models have grown old: at events of these numbers and no
 * others, so that it does not depend on where blocks end.
 */
export function looksAtAge(state: LearningState, limits: LearningLimits): boolean {
  const due = looks(limits) && state.seen % lookEvery(limits) === 0
  return due && mayBecomeDue(state, limits)
}

/** After a training as many events are let pass as it took, and twice as many after each that came to nothing. */
function mayBecomeDue({ phase, frozen, due, since, failed }: LearningState, { warmup }: LearningLimits): boolean {
  return phase === 'ensemble' && !frozen && !due && since >= warmup * 2 ** Math.min(failed, MOST_DOUBLED)
}

/** The kind of log that there is enough of by now to learn it, where there is one. Also asked when a batch begins. */
export function strangeKind(state: LearningState, limits: LearningLimits): string | undefined {
  if (!limits.retrainOnDrift || !mayBecomeDue(state, limits)) return undefined
  const enough = Math.max(enoughOf({ all: limits.warmup }), STRANGE_SHARE * limits.warmup)
  const [name, events] = Object.entries(state.strange).sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  return events >= enough ? name : undefined
}

function looks({ retrainAfterMs = 0, retrainOnDrift = false }: LearningLimits): boolean {
  return retrainAfterMs > 0 || retrainOnDrift
}

/** Rarely, because nothing may be on its way through the detectors then. */
function lookEvery({ warmup }: LearningLimits): number {
  return 2 * warmup
}

/** Whether so much log time has passed since the training that the models are learnt anew. */
export function outlived({ trainedAt }: LearningState, now: number, { retrainAfterMs = 0 }: LearningLimits): boolean {
  return retrainAfterMs > 0 && trainedAt !== null && now - trainedAt >= retrainAfterMs
}

export function seen(state: LearningState, events: number, collecting: boolean): LearningState {
  return {
    ...state,
    seen: state.seen + events,
    since: state.since + events,
    collected: state.collected + (collecting ? events : 0),
  }
}

/**
 * Whether enough has been collected to train. `covered` says whether what was learnt before is in it: a file that is
 * read on its own must not make the models forget the others. What has not come for long is gone and not waited for.
 */
export function ready({ collected, waited }: LearningState, { warmup }: LearningLimits, covered = true): boolean {
  if (collected < warmup || collected % warmup > 0) return false
  return covered || (collected >= PATIENCE * warmup && waited >= PATIENCE)
}

export function encodeState(state: LearningState): Uint8Array {
  return Buffer.from(JSON.stringify(state))
}

export function decodeState(bytes: Uint8Array | undefined): LearningState {
  return bytes ? { ...NEWBORN, ...(JSON.parse(Buffer.from(bytes).toString()) as LearningState) } : NEWBORN
}
