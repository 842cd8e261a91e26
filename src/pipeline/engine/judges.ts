import type { LearningEvent } from '../../core/documents/engine-event.ts'
import { RulesDetector } from '../../detectors/rules/detector.ts'
import type { RuleSource } from '../../detectors/rules/loading/rule-source.ts'
import { trainInWorker } from '../../detectors/transformer/training/training-client.ts'
import { Learning } from '../../learning/learning.ts'
import type { OpenDetector } from '../../learning/models/learnt-detector.ts'
import { loadCheckpoint } from '../../store/checkpoints.ts'
import type { Database } from '../../store/database.ts'
import type { EngineSettings } from './engine-protocol.ts'
import { openModels } from './open-models.ts'

/** Everything that judges events and remembers earlier ones. Opened as a whole, in the state of the last commit. */
export interface Judges {
  readonly rules: RulesDetector
  readonly learning: Learning
}

export interface JudgesOptions {
  readonly db: Database
  readonly rules: RuleSource
  readonly openDetector: OpenDetector
  emit(event: LearningEvent): void
}

export async function openJudges(
  { detection, models, state }: EngineSettings,
  { db, rules: source, openDetector, emit }: JudgesOptions,
): Promise<Judges> {
  const rules = new RulesDetector(source.current, detection.rules)
  const learning = await Learning.open(
    {
      rules,
      models: openModels({ models, state }),
      keep: models.keep,
      contamination: detection.contamination,
      alertsPerDay: detection.alerts_per_day,
      limits: {
        warmup: detection.warmup_logs,
        retrainAfter: detection.retrain_logs,
        retrainAfterMs: detection.retrain_days * 86_400_000,
        retrainOnDrift: detection.drift.retrain,
      },
      drift: detection.drift,
      frozen: detection.frozen,
      seed: detection.seed,
      weights: detection.weights,
      openDetector,
      train: trainInWorker,
      maxTokens: detection.training_events,
      onPhase: (from, to) => emit({ type: 'phase_changed', from, to }),
      onDue: (reason) => emit({ type: 'retraining_due', reason }),
      onTraining: (progress) => emit({ type: 'training', progress }),
      onTrainingFailed: (reason) => emit({ type: 'training_failed', reason }),
      onBadModel: ({ message: reason }, version) => emit({ type: 'model_unusable', version, reason }),
      onBadState: (checkpoint, { message: reason }) => emit({ type: 'state_lost', checkpoint, reason }),
    },
    (name) => loadCheckpoint(db, name),
  )
  return { rules, learning }
}
