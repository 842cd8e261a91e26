import type { BatchProgress } from './batch.ts'
import type { Phase } from './finding.ts'
import type { TrainingProgress } from './training.ts'

/** What the learning reports. */
export type LearningEvent =
  | { readonly type: 'phase_changed'; readonly from: Phase; readonly to: Phase }
  | { readonly type: 'retraining_due'; readonly reason: string }
  | { readonly type: 'training'; readonly progress: TrainingProgress }
  | { readonly type: 'training_failed'; readonly reason: string }
  | { readonly type: 'model_unusable'; readonly version: number; readonly reason: string }
  /** A checkpoint cannot be read; what it held starts empty. */
  | { readonly type: 'state_lost'; readonly checkpoint: string; readonly reason: string }

/** What the engine reports. Each event goes unchanged from the place where it happens to the telemetry. */
export type EngineEvent =
  | LearningEvent
  | { readonly type: 'batch_progress'; readonly progress: BatchProgress }
  /** The full queue of a sink pushed findings out to the dead letters. */
  | { readonly type: 'queue_full'; readonly sink: string; readonly findings: number }
  /** A thread died within a batch, which resumes with fewer lines in memory at a time. */
  | { readonly type: 'batch_resumed'; readonly reason: string }
  /** Retention removed what is old or too much. */
  | {
      readonly type: 'removed'
      readonly findings: number
      readonly incidents: number
      readonly batches: number
      readonly dead_letters: number
      readonly folders: number
    }
  /** The database is larger than its limit, and retention may not remove what is left. */
  | { readonly type: 'overfull' }
  /** Retention could not remove something; the next batch tries again. */
  | { readonly type: 'retention_failed'; readonly reason: string }
  /** Changed rules are in force. */
  | { readonly type: 'rules_changed'; readonly rules: number }
  /** The rule files cannot be used, at the start or after a change; the last valid rules stay in force. */
  | { readonly type: 'rules_unusable'; readonly reason: string }
