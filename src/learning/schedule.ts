import type { DriftReport } from '../core/documents/drift.ts'
import type { LearningState } from './lifecycle.ts'
import { enoughOf } from './logs/learnt-logs.ts'

/** When events are collected and when models are retrained. All of it depends on event numbers and log time alone. */
export interface LearningLimits {
  /** Events to collect before a training. */
  readonly warmup: number
  /** Events after which a retraining is due; 0 means never. */
  readonly retrainAfter: number
  /** Log time after which a retraining is due, ms; 0 or absent means never. */
  readonly retrainAfterMs?: number
  /** Whether drift, or a kind of log that the models have not learnt, makes a retraining due. */
  readonly retrainOnDrift?: boolean
}

/** A collection waits for missing kinds of log during this many warmups and this many batches. */
const PATIENCE = 4
/** Share of a warmup that must consist of an unlearnt kind of log before it is learnt. */
const UNLEARNT_SHARE = 0.1
/** The pause after failed trainings doubles at most this often. */
const MAX_DOUBLINGS = 6
/** Warmups between two checks of model age and drift. Checks are rare because they stop the pipeline. */
const WARMUPS_PER_CHECK = 2

/** Whether the next events are collected for a training. */
export function isCollecting(state: LearningState, { retrainAfter }: LearningLimits): boolean {
  if (state.frozen) return false
  if (state.phase === 'warmup') return true
  if (state.phase !== 'ensemble') return false
  return state.due || (retrainAfter > 0 && state.since >= retrainAfter)
}

/** Number of events until the models may change or a collection may begin. Blocks are cut there. */
export function horizon(state: LearningState, limits: LearningLimits): number {
  if (isCollecting(state, limits)) return limits.warmup - (state.collected % limits.warmup)
  if (state.frozen || state.phase !== 'ensemble') return Number.POSITIVE_INFINITY
  const remaining = limits.retrainAfter - state.since
  const interval = checkInterval(limits)
  return Math.min(interval - (state.seen % interval), remaining > 0 ? remaining : Number.POSITIVE_INFINITY)
}

/** True at the fixed event numbers where model age and drift are checked. */
function isCheckPoint(state: LearningState, limits: LearningLimits): boolean {
  return state.seen % checkInterval(limits) === 0 && mayRetrain(state, limits)
}

/** Infinite if neither age nor drift makes a retraining due. */
function checkInterval({ warmup, retrainAfterMs = 0, retrainOnDrift = false }: LearningLimits): number {
  return retrainAfterMs > 0 || retrainOnDrift ? WARMUPS_PER_CHECK * warmup : Number.POSITIVE_INFINITY
}

/** A retraining needs a pause of one warmup since the last one; each failure in a row doubles the pause. */
function mayRetrain({ phase, frozen, due, since, failed }: LearningState, { warmup }: LearningLimits): boolean {
  return phase === 'ensemble' && !frozen && !due && since >= warmup * 2 ** Math.min(failed, MAX_DOUBLINGS)
}

/** Why an unlearnt kind of log makes a retraining due; undefined if none does. Also checked when a batch begins. */
export function unlearntReason(state: LearningState, limits: LearningLimits): string | undefined {
  if (!limits.retrainOnDrift || !mayRetrain(state, limits)) return undefined
  const enough = Math.max(enoughOf({ all: limits.warmup }), UNLEARNT_SHARE * limits.warmup)
  const [name, events] = Object.entries(state.unlearnt).sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  if (events < enough) return undefined
  return `The models have not learnt logs of the kind "${name}" yet. Until then, rules alone judge these logs.`
}

/**
 * Why a retraining is due after the events seen so far; undefined if it is not. Models are checked at fixed event numbers.
 * @param now log time of the latest event, ms since the epoch; NaN if unknown
 */
export async function retrainReason(
  state: LearningState,
  limits: LearningLimits,
  now: number,
  drift: () => Promise<DriftReport | undefined>,
): Promise<string | undefined> {
  if (!isCheckPoint(state, limits)) return undefined
  const unlearnt = unlearntReason(state, limits)
  if (unlearnt !== undefined) return unlearnt
  const report = limits.retrainOnDrift ? await drift() : undefined
  if (report?.level === 'retrain') return report.summary
  return isExpired(state, now, limits)
    ? 'The models have reached their maximum age (detection.retrain_days).'
    : undefined
}

function isExpired({ trainedAt }: LearningState, now: number, { retrainAfterMs = 0 }: LearningLimits): boolean {
  return retrainAfterMs > 0 && trainedAt !== null && now - trainedAt >= retrainAfterMs
}

/**
 * Whether the collection is large enough to train. `covered`: it holds every kind of log that the current models know.
 * Without this wait, one large file read on its own would make the models forget the other logs.
 */
export function isComplete({ collected, waited }: LearningState, { warmup }: LearningLimits, covered = true): boolean {
  if (collected < warmup || collected % warmup > 0) return false
  return covered || (collected >= PATIENCE * warmup && waited >= PATIENCE)
}
