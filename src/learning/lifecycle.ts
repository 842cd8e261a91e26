import type { Phase } from '../core/finding.ts'

/**
 * How far the learnt detectors are, counted in events and never in hours:
 *
 *   warmup --enough events--> training --transformer trained--> waiting --next batch--> ensemble
 *   training --too little to train it from--> ensemble
 *   ensemble --enough further events, collected anew--> training (the models before judge meanwhile)
 *
 * The forest is in force from the beginning of the training on, because it takes a fraction of a second.
 */
export interface LearningState {
  readonly phase: Phase
  /** Events seen since the beginning. */
  readonly seen: number
  /** Events of the cycle that is being collected. */
  readonly collected: number
  /** Events since the last training began. */
  readonly since: number
  /** Model version that judges; 0 while there is none. */
  readonly version: number
}

export const NEWBORN: LearningState = { phase: 'warmup', seen: 0, collected: 0, since: 0, version: 0 }

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
