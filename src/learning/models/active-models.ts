import type { EventBlock } from '../../core/columns/block.ts'
import type { DriftReport } from '../../core/documents/drift.ts'
import type { DetectorName } from '../../core/documents/finding.ts'
import type { Detector } from '../../detectors/detector.ts'
import { scorer } from '../../ensemble/calibrate.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import { type DriftLimits, driftOf } from '../drift/drift.ts'
import { LearntLogs } from '../logs/learnt-logs.ts'
import type { LearningCycle } from '../training/cycle.ts'
import { type LearntDetector, type OpenDetector, openDetector, partsOf } from './learnt-detector.ts'
import type { ModelSet } from './model-set.ts'

/** A detector as the ensemble hears it. */
export interface Voter {
  readonly detector: Detector
  readonly weight: number
  /**
   * Raw scores of a block to calibrated ones, 0 to 1; NaN stays NaN, and comes where nothing is learnt of the kind of log.
   * The raw ones are left as they are.
   */
  calibrate(block: EventBlock, raw: Float32Array): Float32Array
}

export interface ForceOptions {
  readonly contamination: number
  /** Findings a day that normal traffic may lead to, in place of the contamination; 0 means that the latter holds. */
  readonly alertsPerDay?: number
  readonly weights: Readonly<Record<DetectorName, number>>
  /** Where the detectors work; on the calling thread if not said. */
  readonly openDetector?: OpenDetector
}

/** The learnt detectors of one model version, in force. */
export class Force {
  readonly models: ModelSet
  readonly voters: readonly Voter[]
  readonly logs: LearntLogs
  readonly #detectors: readonly LearntDetector[]

  private constructor(models: ModelSet, detectors: readonly LearntDetector[], options: ForceOptions) {
    const { weights } = options
    const contamination = contaminationOf(models, options)
    this.models = models
    this.#detectors = detectors
    this.logs = new LearntLogs(models.learntFrom)
    this.voters = detectors.map((detector) =>
      voter(detector, weights[detector.name], contamination, this.logs, (block) =>
        calibrationOf(models, detector.name, block),
      ),
    )
  }

  /** `cycle`: what the forest has learnt of the clients so far, where it begins to judge in the middle of a run. */
  static async open(models: ModelSet, options: ForceOptions, cycle?: LearningCycle): Promise<Force> {
    const { openDetector: open = openDetector, weights } = options
    const parts = partsOf(models, cycle).filter(({ name }) => weights[name] > 0)
    const opened = await Promise.allSettled(parts.map(open))
    const detectors = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failure = opened.find((one) => one.status === 'rejected')
    if (failure) {
      for (const detector of detectors) await detector.close()
      throw failure.reason
    }
    return new Force(models, detectors, options)
  }

  async checkpoints(): Promise<{ name: string; value: Uint8Array }[]> {
    // All are asked before any has answered: what is asked later is of later blocks.
    const saved = this.#detectors.flatMap((detector) => [
      { name: `detector.${detector.name}`, value: detector.snapshot() },
      { name: `drift.${detector.name}`, value: detector.driftSnapshot() },
    ])
    return await Promise.all(saved.map(async ({ name, value }) => ({ name, value: await value })))
  }

  /** How far what the detectors have judged lately has moved from what they were trained on. */
  async drift(limits: DriftLimits): Promise<DriftReport> {
    const counts = (name: DetectorName) => this.#detectors.find((one) => one.name === name)?.drift()
    const asked = [counts('isolation_forest'), counts('transformer')]
    const [features = {}, templates = {}] = await Promise.all(asked)
    return driftOf(this.models, { features, templates }, limits)
  }

  /**
   * `goOn` runs each part of it and deals with what cannot be read.
   * `same`: whether this version took the snapshots; the template ids in the transformer's mean others in another one.
   */
  async restore(
    load: (name: string) => Uint8Array | undefined,
    goOn: (restore: () => void | Promise<void>) => Promise<unknown>,
    same = true,
  ): Promise<void> {
    for (const detector of this.#detectors) {
      if (detector.name === 'transformer' && !same) continue
      const snapshot = load(`detector.${detector.name}`)
      if (snapshot) await goOn(() => detector.restore(snapshot))
      const counted = same ? load(`drift.${detector.name}`) : undefined
      if (counted) await goOn(() => detector.restoreDrift(counted))
    }
  }

  /** Takes over from the version before: clients stay known; sessions of templates do not, for their ids mean others now. */
  async succeed(before: Force): Promise<void> {
    const clients = await before.#forest?.snapshot()
    if (clients) await this.#forest?.restore(clients)
  }

  async close(): Promise<void> {
    await Promise.all(this.#detectors.map((detector) => detector.close()))
  }

  get #forest(): LearntDetector | undefined {
    return this.#detectors.find(({ name }) => name === 'isolation_forest')
  }
}

/** An alert budget as a share of the events of a normal day, as the training saw it. */
export function contaminationOf(
  { eventsPerDay = 0 }: Pick<ModelSet, 'eventsPerDay'>,
  { contamination, alertsPerDay = 0 }: Pick<ForceOptions, 'contamination' | 'alertsPerDay'>,
): number {
  if (alertsPerDay <= 0 || eventsPerDay <= 0) return contamination
  return Math.min(0.5, Math.max(1e-6, alertsPerDay / eventsPerDay))
}

function calibrationOf(models: ModelSet, name: DetectorName, { kind }: EventBlock): Calibration | undefined {
  return name === 'transformer' ? models.transformer?.calibrations[kind] : models.forest[kind]?.calibration
}

function voter(
  detector: Detector,
  weight: number,
  contamination: number,
  logs: LearntLogs,
  calibrationOf: (block: EventBlock) => Calibration | undefined,
): Voter {
  const scorers = new Map<Calibration, ReturnType<typeof scorer>>()
  return {
    detector,
    weight,
    calibrate(block, raw) {
      const calibration = calibrationOf(block)
      if (!calibration) return new Float32Array(raw.length).fill(Number.NaN)
      const known = scorers.get(calibration) ?? scorer(calibration, contamination)
      scorers.set(calibration, known)
      return known(logs.abstain(block, raw))
    },
  }
}
