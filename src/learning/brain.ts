import type { EventBlock } from '../core/block.ts'
import type { OddlineError } from '../core/errors.ts'
import type { DetectorName, Phase } from '../core/finding.ts'
import type { Detector } from '../detectors/detector.ts'
import { IsolationForestDetector } from '../detectors/isolation-forest/detector.ts'
import { decodeModel, encodeModel, type ForestModel } from '../detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../detectors/isolation-forest/trainer.ts'
import { tailShare, toScore } from '../ensemble/calibrate.ts'
import type { ModelStore } from './artifacts.ts'
import {
  collects,
  decodeState,
  encodeState,
  type LearningLimits,
  type LearningState,
  ready,
  seen,
} from './lifecycle.ts'

/** A detector as the ensemble hears it. */
export interface Voter {
  readonly detector: Detector
  readonly weight: number
  /** Raw scores of a block to calibrated ones, 0 to 1; NaN stays NaN. The raw ones are left as they are. */
  calibrate(block: EventBlock, raw: Float32Array): Float32Array
}

export interface BrainOptions {
  readonly rules: Detector
  readonly models: ModelStore
  readonly keep: number
  readonly contamination: number
  readonly limits: LearningLimits
  readonly seed: number
  readonly weights: Readonly<Record<DetectorName, number>>
  onPhase(from: Phase, to: Phase): void
  onBadModel(error: OddlineError): void
}

const STATE = 'learning'
const TRAINER = 'learning.forest'
const FOREST_FILE = 'isolation_forest.bin'

/**
 * What watches, learns and judges: the detectors with their models, and the lifecycle that makes the models. All its
 * state leaves through `checkpoints`, so that a process that dies goes on learning where its last commit stood. The
 * forest is fitted between two blocks, at the event that completes the warmup, which makes the moment independent of
 * time; it takes a fraction of a second.
 */
export class Brain {
  readonly #options: BrainOptions
  readonly #forest = new IsolationForestDetector()
  #trainer: ForestTrainer
  #state: LearningState
  #version: number | undefined

  constructor(options: BrainOptions, load: (name: string) => Uint8Array | undefined) {
    this.#options = options
    this.#state = decodeState(load(STATE))
    this.#trainer = new ForestTrainer({ seed: options.seed })
    restoreFrom(load(`detector.${options.rules.name}`), options.rules)
    restoreFrom(load(TRAINER), this.#trainer)
    this.#takeUpModels()
    restoreFrom(load(`detector.${this.#forest.name}`), this.#forest)
  }

  get phase(): Phase {
    return this.#state.phase
  }

  get voters(): readonly Voter[] {
    const { rules, weights, contamination } = this.#options
    const voters: Voter[] = [{ detector: rules, weight: weights.rules, calibrate: (_, raw) => raw }]
    if (this.#version !== undefined) {
      const calibrate = (block: EventBlock, raw: Float32Array) => calibrated(this.#forest, block, raw, contamination)
      voters.push({ detector: this.#forest, weight: weights.isolation_forest, calibrate })
    }
    return voters
  }

  /** Takes up models that came into force since the last batch: trained here, rolled back or imported by a command. */
  beginBatch(): void {
    this.#takeUpModels()
    if (this.#state.phase === 'waiting') this.#enter('ensemble')
  }

  /** Learns from a block that has been judged; what was flagged teaches nothing. */
  learn(block: EventBlock, flagged: Uint8Array): void {
    const { limits } = this.#options
    const collecting = collects(this.#state, limits)
    if (collecting) this.#trainer.collect(block, flagged)
    this.#state = seen(this.#state, block.count, collecting)
    if (collecting && ready(this.#state, limits)) this.#train()
  }

  checkpoints(): { name: string; value: Uint8Array }[] {
    const { rules, limits } = this.#options
    const kept = [{ name: STATE, value: encodeState(this.#state) }]
    const windows = rules.snapshot?.()
    if (windows) kept.push({ name: `detector.${rules.name}`, value: windows })
    if (collects(this.#state, limits)) kept.push({ name: TRAINER, value: this.#trainer.snapshot() })
    if (this.#version !== undefined)
      kept.push({ name: `detector.${this.#forest.name}`, value: this.#forest.snapshot() })
    return kept
  }

  #train(): void {
    this.#enter('training')
    const model = this.#trainer.fit()
    const version = (this.#options.models.versions().at(-1) ?? 0) + 1
    this.#options.models.save(
      {
        version,
        files: new Map([[FOREST_FILE, encodeModel(model)]]),
        card: { trained_on: this.#state.collected, seen: this.#state.seen },
      },
      this.#options.keep,
    )
    const first = this.#version === undefined
    this.#use(model, version, first)
    this.#trainer = new ForestTrainer({ seed: this.#options.seed })
    this.#state = { ...this.#state, collected: 0, since: 0 }
    this.#enter('ensemble')
  }

  #takeUpModels(): void {
    const { models } = this.#options
    const current = models.current()
    if (current === undefined || current === this.#version) return
    const artifact = models.loadLastGood(this.#options.onBadModel)
    const bytes = artifact?.files.get(FOREST_FILE)
    if (!artifact || !bytes) return
    this.#use(decodeModel(bytes), artifact.version, false)
    if (this.#state.phase === 'warmup') this.#enter('ensemble')
  }

  #use(model: ForestModel, version: number, first: boolean): void {
    if (first) this.#forest.use(model, this.#trainer.sessions)
    else this.#forest.use(model)
    this.#version = version
  }

  #enter(phase: Phase): void {
    const from = this.#state.phase
    if (from === phase) return
    this.#state = { ...this.#state, phase }
    this.#options.onPhase(from, phase)
  }
}

function calibrated(
  forest: IsolationForestDetector,
  block: EventBlock,
  raw: Float32Array,
  contamination: number,
): Float32Array {
  const calibration = forest.calibration(block)
  if (!calibration) return raw
  return raw.map((score) => (Number.isNaN(score) ? score : toScore(tailShare(calibration, score), contamination)))
}

function restoreFrom(snapshot: Uint8Array | undefined, into: { restore?(snapshot: Uint8Array): void }): void {
  if (snapshot) into.restore?.(snapshot)
}
