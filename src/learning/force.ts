import type { EventBlock } from '../core/block.ts'
import type { DetectorName } from '../core/finding.ts'
import type { Detector } from '../detectors/detector.ts'
import { IsolationForestDetector } from '../detectors/isolation-forest/detector.ts'
import { TransformerDetector } from '../detectors/transformer/detector.ts'
import { SequenceScorer } from '../detectors/transformer/scorer.ts'
import { type Calibration, oneIn, tailShare, toScore } from '../ensemble/calibrate.ts'
import { Templater } from '../templates/templater.ts'
import type { LearningCycle } from './cycle.ts'
import type { ModelSet } from './model-set.ts'

/** A detector as the ensemble hears it. */
export interface Voter {
  readonly detector: Detector
  readonly weight: number
  /** Raw scores of a block to calibrated ones, 0 to 1; NaN stays NaN. The raw ones are left as they are. */
  calibrate(block: EventBlock, raw: Float32Array): Float32Array
}

export interface ForceOptions {
  readonly contamination: number
  readonly weights: Readonly<Record<DetectorName, number>>
}

/** The learnt detectors of one model version, in force. */
export class Force {
  readonly models: ModelSet
  readonly voters: readonly Voter[]
  readonly #forest: IsolationForestDetector
  readonly #transformer: { readonly detector: TransformerDetector; readonly scorer: SequenceScorer } | undefined

  private constructor(
    models: ModelSet,
    forest: IsolationForestDetector,
    scorer: SequenceScorer | undefined,
    options: ForceOptions,
  ) {
    const { weights, contamination } = options
    this.models = models
    this.#forest = forest
    this.#transformer = scorer && { detector: sequenceDetector(models, scorer), scorer }
    const voters = [voter(forest, weights.isolation_forest, contamination, (block) => forest.calibration(block))]
    if (this.#transformer) {
      const { calibrations } = models.transformer!
      voters.push(
        voter(this.#transformer.detector, weights.transformer, contamination, (block) => calibrations[block.kind]),
      )
    }
    this.voters = voters
  }

  /** `cycle`: what the forest has learnt of the clients so far, where it begins to judge in the middle of a run. */
  static async open(models: ModelSet, options: ForceOptions, cycle?: LearningCycle): Promise<Force> {
    const forest = new IsolationForestDetector(models.forest, cycle?.sessions)
    const scorer = models.transformer && (await SequenceScorer.open(models.transformer.model))
    return new Force(models, forest, scorer, options)
  }

  checkpoints(): { name: string; value: Uint8Array }[] {
    return this.voters.map(({ detector }) => ({ name: `detector.${detector.name}`, value: detector.snapshot!() }))
  }

  /** `same`: whether this version took the snapshots; the template ids in the transformer's mean others in another one. */
  restore(load: (name: string) => Uint8Array | undefined, same = true): void {
    for (const { detector } of this.voters) {
      if (detector === this.#transformer?.detector && !same) continue
      const snapshot = load(`detector.${detector.name}`)
      if (snapshot) detector.restore?.(snapshot)
    }
  }

  /** Takes over from the version before: clients stay known; sessions of templates do not, for their ids mean others now. */
  succeed(before: Force): void {
    this.#forest.restore(before.#forest.snapshot())
  }

  async close(): Promise<void> {
    await this.#transformer?.scorer.close()
  }
}

function sequenceDetector(models: ModelSet, scorer: SequenceScorer): TransformerDetector {
  const templater = Templater.restore(models.templates)
  templater.freeze()
  const { calibrations } = models.transformer!
  return new TransformerDetector(
    {
      templatesOf: (block) => templater.templates(block),
      textOf: (id) => templater.text(id),
      oneIn: (nats) => {
        const known = Object.values(calibrations)
        return known.length === 0 ? 1 : Math.min(...known.map((calibration) => oneIn(tailShare(calibration, nats))))
      },
    },
    scorer,
  )
}

function voter(
  detector: Detector,
  weight: number,
  contamination: number,
  calibrationOf: (block: EventBlock) => Calibration | undefined,
): Voter {
  return {
    detector,
    weight,
    calibrate(block, raw) {
      const calibration = calibrationOf(block)
      if (!calibration) return new Float32Array(raw.length).fill(Number.NaN)
      return raw.map((score) => (Number.isNaN(score) ? score : toScore(tailShare(calibration, score), contamination)))
    },
  }
}
