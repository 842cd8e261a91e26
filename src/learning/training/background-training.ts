import type { TrainingProgress } from '../../core/documents/training.ts'
import { messageOf } from '../../core/errors.ts'
import type { CollectedSessions } from '../../detectors/transformer/training/collector.ts'
import { Templater } from '../../templates/templater.ts'
import { type Checkpoint, type LoadCheckpoint, type LossReport, restoreOrReport } from '../checkpoints.ts'
import type { ModelStore } from '../models/artifacts.ts'
import { encodeModelSet, type ModelContent } from '../models/model-set.ts'
import { decodeTrainingSet, encodeTrainingSet } from './training-set.ts'
import { type SequenceTraining, trainCalibrated } from './transformer-training.ts'

export interface BackgroundTrainingOptions {
  readonly models: ModelStore
  /** Number of model versions kept on disk. */
  readonly keep: number
  readonly seed: number
  readonly train: SequenceTraining
  /** Maximum duration of a training, ms. */
  readonly maxTokens: number
  onTraining(progress: TrainingProgress): void
}

export interface TrainingRun {
  /** Whether a restart repeats this training; its training set is then part of the checkpoints. */
  readonly repeatable: boolean
  onDone(): void
  onFailed(reason: string): void
}

const TRAINING_SET = 'learning.lessons'
const EMPTY: CollectedSessions = { sequences: [], complete: [] }

/** Trains transformers in the background and saves each as a new model version. */
export class BackgroundTraining {
  readonly #options: BackgroundTrainingOptions
  #trainingSet: CollectedSessions = EMPTY
  #changed = false
  #training: Promise<void> = Promise.resolve()
  readonly #stop = new AbortController()

  constructor(options: BackgroundTrainingOptions) {
    this.#options = options
  }

  /** The training set of an interrupted training; empty if there is none or, which `report` is told, it is damaged. */
  static async savedTrainingSet(load: LoadCheckpoint, report: LossReport['onBadState']): Promise<CollectedSessions> {
    const saved = load(TRAINING_SET)
    let sessions = EMPTY
    const restore = () => {
      if (saved) sessions = decodeTrainingSet(saved)
    }
    await restoreOrReport(TRAINING_SET, restore, report)
    return sessions
  }

  /**
   * Starts a training and returns at once. The result is saved as a version with the other models of `content`. Exactly one
   * of `onDone` and `onFailed` is called, unless the training is stopped.
   */
  start(content: ModelContent, sessions: CollectedSessions, { repeatable, onDone, onFailed }: TrainingRun): void {
    const { train, seed, maxTokens, onTraining, models, keep } = this.#options
    if (repeatable) this.#keep(sessions)
    const training = { train, seed, maxTokens, signal: this.#stop.signal, onProgress: onTraining }
    const templater = Templater.restore(content.templates)
    const before = models.current()
    this.#training = trainCalibrated(sessions, (id) => templater.kindOf(id), training)
      .then((transformer) => {
        // If a person has chosen another version meanwhile, that choice stays current.
        const makeCurrent = models.current() === before
        models.save(encodeModelSet({ ...content, transformer }), keep, makeCurrent)
        this.#keep(EMPTY)
        onDone()
      })
      .catch((error) => {
        if (this.#stop.signal.aborted) return
        this.#keep(EMPTY)
        onFailed(messageOf(error))
      })
  }

  /** The training set, if it has changed since the last call. */
  checkpoints(): Checkpoint[] {
    if (!this.#changed) return []
    this.#changed = false
    return [{ name: TRAINING_SET, value: encodeTrainingSet(this.#trainingSet) }]
  }

  /** Waits for the running training, if any. If `signal` aborts, the training stops; the next start repeats it. */
  async settle(signal: AbortSignal): Promise<void> {
    const stop = () => this.#stop.abort()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await this.#training
    signal.removeEventListener('abort', stop)
  }

  /** Stops the running training, if any. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#training
  }

  #keep(sessions: CollectedSessions): void {
    this.#trainingSet = sessions
    this.#changed = true
  }
}
