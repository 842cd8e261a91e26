import type { Phase } from '../core/finding.ts'

/**
 * How far the learnt detectors are, counted in events and never in hours:
 *
 *   warmup --enough events--> training --models ready--> waiting --next batch--> ensemble
 *   training --nothing to train further--> ensemble
 *   ensemble --enough further events--> (collecting, then training anew; the old models go on meanwhile)
 */
export interface LearningState {
  readonly phase: Phase
  /** Events seen since the beginning. */
  readonly seen: number
  /** Events collected for the training under way; they are not those that were flagged. */
  readonly collected: number
  /** Events since the models in force were trained. */
  readonly since: number
}

export const NEWBORN: LearningState = { phase: 'warmup', seen: 0, collected: 0, since: 0 }

export interface LearningLimits {
  /** Events to collect before a training. */
  readonly warmup: number
  /** Events after a training until the next collection begins; 0 means never. */
  readonly retrainAfter: number
  readonly frozen: boolean
}

/** Whether the events of the next block are to be collected for training. */
export function collects(state: LearningState, limits: LearningLimits): boolean {
  if (limits.frozen) return false
  if (state.phase === 'warmup') return true
  return state.phase === 'ensemble' && limits.retrainAfter > 0 && state.since >= limits.retrainAfter
}

export function seen(state: LearningState, events: number, collecting: boolean): LearningState {
  return {
    ...state,
    seen: state.seen + events,
    since: state.since + events,
    collected: state.collected + (collecting ? events : 0),
  }
}

/** Whether enough has been collected to train. */
export function ready(state: LearningState, limits: LearningLimits): boolean {
  return state.collected >= limits.warmup
}

export function encodeState(state: LearningState): Uint8Array {
  return Buffer.from(JSON.stringify(state))
}

export function decodeState(bytes: Uint8Array | undefined): LearningState {
  return bytes ? { ...NEWBORN, ...(JSON.parse(Buffer.from(bytes).toString()) as LearningState) } : NEWBORN
}
