import type { EventBlock } from '../../core/columns/block.ts'
import type { DriftReport } from '../../core/documents/drift.ts'
import type { DetectorName } from '../../core/documents/finding.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import { type Checkpoint, type LoadCheckpoint, type LossReport, restoreOrReport } from '../checkpoints.ts'
import { type DriftLimits, driftOf } from '../drift/drift.ts'
import { LearntLogs } from '../logs/learnt-logs.ts'
import type { LearningCycle } from '../training/cycle.ts'
import { type LearntDetector, type OpenDetector, openDetector, partsOf } from './learnt-detector.ts'
import type { ModelSet } from './model-set.ts'
import { learntVoter, type Voter } from './voter.ts'

export interface LoadedModelsOptions {
  /** Expected share of anomalies among normal events. */
  readonly contamination: number
  /** Findings per day that normal traffic may cause; replaces the contamination. 0 or absent: no such budget. */
  readonly alertsPerDay?: number
  /** Weight of each detector in the vote; 0 switches it off. */
  readonly weights: Readonly<Record<DetectorName, number>>
  /** Opens a detector in this thread or in one of its own; in this thread if absent. */
  readonly openDetector?: OpenDetector
}

/** The detectors of one model version, opened and ready to score. */
export class LoadedModels {
  readonly set: ModelSet
  readonly voters: readonly Voter[]
  /** The kinds of log that this version has learnt. */
  readonly logs: LearntLogs
  readonly #detectors: readonly LearntDetector[]

  private constructor(set: ModelSet, detectors: readonly LearntDetector[], options: LoadedModelsOptions) {
    const contamination = contaminationOf(set, options)
    const logs = new LearntLogs(set.learntFrom)
    this.set = set
    this.logs = logs
    this.#detectors = detectors
    this.voters = detectors.map((detector) => {
      const weight = options.weights[detector.name]
      return learntVoter(detector, { weight, contamination, logs }, (block) => calibrationOf(set, detector.name, block))
    })
  }

  /**
   * @param cycle the training cycle that made the models, if they start to judge in the middle of a batch: the forest
   *   continues with the client sessions that the cycle has seen
   * @throws OddlineError MODEL_INVALID if a detector cannot be opened; all others are closed again
   */
  static async open(set: ModelSet, options: LoadedModelsOptions, cycle?: LearningCycle): Promise<LoadedModels> {
    const { openDetector: open = openDetector, weights } = options
    const parts = partsOf(set, cycle).filter(({ name }) => weights[name] > 0)
    const opened = await Promise.allSettled(parts.map(open))
    const detectors = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failure = opened.find((one) => one.status === 'rejected')
    if (failure) {
      for (const detector of detectors) await detector.close()
      throw failure.reason
    }
    return new LoadedModels(set, detectors, options)
  }

  /** The state of the detectors after the blocks that they have been given so far. */
  async checkpoints(): Promise<Checkpoint[]> {
    // Request all snapshots before waiting for any, so that all of them describe the same event.
    const saved = this.#detectors.flatMap((detector) => [
      { name: `detector.${detector.name}`, value: detector.snapshot() },
      { name: `drift.${detector.name}`, value: detector.driftSnapshot() },
    ])
    return await Promise.all(saved.map(async ({ name, value }) => ({ name, value: await value })))
  }

  /** How far the latest events differ from the training data. */
  async drift(limits: DriftLimits): Promise<DriftReport> {
    const counts = (name: DetectorName) => this.#detectors.find((one) => one.name === name)?.drift()
    const asked = [counts('isolation_forest'), counts('transformer')]
    const [features = {}, templates = {}] = await Promise.all(asked)
    return driftOf(this.set, { features, templates }, limits)
  }

  /**
   * Restores the state of the detectors; `report` is told of state that cannot be read.
   * @param sameVersion whether this version saved the state. If not, only the state of the forest is restored, because
   *   template ids in the transformer's state mean different templates in each version.
   */
  async restore(load: LoadCheckpoint, report: LossReport['onBadState'], sameVersion = true): Promise<void> {
    for (const detector of this.#detectors) {
      if (detector.name === 'transformer' && !sameVersion) continue
      const [state, drift] = [`detector.${detector.name}`, `drift.${detector.name}`]
      const snapshot = load(state)
      if (snapshot) await restoreOrReport(state, () => detector.restore(snapshot), report)
      const counts = sameVersion ? load(drift) : undefined
      if (counts) await restoreOrReport(drift, () => detector.restoreDrift(counts), report)
    }
  }

  /** Copies the client sessions of the previous version's forest. Sessions of templates are not copied; see `restore`. */
  async copySessions(previous: LoadedModels): Promise<void> {
    const clients = await previous.#forest?.snapshot()
    if (clients) await this.#forest?.restore(clients)
  }

  async close(): Promise<void> {
    await Promise.all(this.#detectors.map((detector) => detector.close()))
  }

  get #forest(): LearntDetector | undefined {
    return this.#detectors.find(({ name }) => name === 'isolation_forest')
  }
}

/** Converts the alert budget to a share of the events that a normal day had in training, 1e-6 to 0.5. */
export function contaminationOf(
  { eventsPerDay = 0 }: Pick<ModelSet, 'eventsPerDay'>,
  { contamination, alertsPerDay = 0 }: Pick<LoadedModelsOptions, 'contamination' | 'alertsPerDay'>,
): number {
  if (alertsPerDay <= 0 || eventsPerDay <= 0) return contamination
  return Math.min(0.5, Math.max(1e-6, alertsPerDay / eventsPerDay))
}

function calibrationOf(set: ModelSet, name: DetectorName, { kind }: EventBlock): Calibration | undefined {
  return name === 'transformer' ? set.transformer?.calibrations[kind] : set.forest[kind]?.calibration
}
