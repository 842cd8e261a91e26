import type { Phase } from '../core/documents/finding.ts'
import type { Detector } from '../detectors/detector.ts'
import type { LossReport } from './checkpoints.ts'
import type { DriftLimits } from './drift/drift.ts'
import type { LoadedModelsOptions } from './models/loaded-models.ts'
import type { LearningLimits } from './schedule.ts'
import type { BackgroundTrainingOptions } from './training/background-training.ts'

export interface LearningOptions extends LoadedModelsOptions, BackgroundTrainingOptions, LossReport {
  readonly rules: Detector
  readonly limits: LearningLimits
  /** Whether learning is suspended by configuration. A person's order overrides it. */
  readonly frozen: boolean
  readonly drift: DriftLimits
  onPhase(from: Phase, to: Phase): void
  /** A retraining is due. */
  onDue(reason: string): void
  onTrainingFailed(reason: string): void
}
