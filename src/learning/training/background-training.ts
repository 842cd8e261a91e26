import type { TrainingProgress } from '../../core/documents/training.ts'
import { messageOf } from '../../core/errors.ts'
import type { CollectedSessions } from '../../detectors/transformer/training/collector.ts'
import { Templater } from '../../templates/templater.ts'
import type { ModelStore } from '../models/artifacts.ts'
import { encodeModelSet, type ModelContent } from '../models/model-set.ts'
import { decodeLessons, encodeLessons } from './training-set.ts'
import { type SequenceTraining, trainCalibrated } from './transformer-training.ts'

export interface TeacherOptions {
  readonly models: ModelStore
  readonly keep: number
  readonly seed: number
  readonly train: SequenceTraining
  /** The transformer's training ends after this time, ms. */
  readonly deadlineMs: number
  onTraining(progress: TrainingProgress): void
}

/** The sessions that the transformer is being trained on, so that a restart can begin anew. */
const LESSONS = 'learning.lessons'
const NOTHING: CollectedSessions = { sequences: [], complete: [] }

/** Trains a transformer in the background, and keeps what it learns from for a restart. */
export class Teacher {
  readonly #options: TeacherOptions
  #lessons: CollectedSessions = NOTHING
  #changed = false
  #training: Promise<void> = Promise.resolve()
  readonly #stop = new AbortController()

  constructor(options: TeacherOptions) {
    this.#options = options
  }

  /** What a training before the restart was learning from. @throws OddlineError MODEL_INVALID */
  static lessons(load: (name: string) => Uint8Array | undefined): CollectedSessions {
    const lessons = load(LESSONS)
    return lessons ? decodeLessons(lessons) : NOTHING
  }

  /**
   * Begins the training; the version with the transformer in it is saved when it ends. With `kept` a restart begins it
   * anew. One of `onDone` and `onFailed` is called, unless it is stopped.
   */
  teach(
    learnt: ModelContent,
    sessions: CollectedSessions,
    end: { readonly kept: boolean; onDone(): void; onFailed(reason: string): void },
  ): void {
    const { train, seed, deadlineMs, onTraining, models, keep } = this.#options
    if (end.kept) this.#keep(sessions)
    const training = { train, seed, deadlineMs, signal: this.#stop.signal, onProgress: onTraining }
    const templater = Templater.restore(learnt.templates)
    const before = models.current()
    this.#training = trainCalibrated(sessions, (id) => templater.kindOf(id), training)
      .then((transformer) => {
        // A version that a person put in force meanwhile stays in force; this one can be chosen by a rollback.
        const inForce = models.current() === before
        models.save(encodeModelSet({ ...learnt, transformer }), keep, inForce)
        this.#keep(NOTHING)
        end.onDone()
      })
      .catch((error) => {
        if (this.#stop.signal.aborted) return
        this.#keep(NOTHING)
        end.onFailed(messageOf(error))
      })
  }

  /** What changed since it was asked last. */
  checkpoints(): { name: string; value: Uint8Array }[] {
    if (!this.#changed) return []
    this.#changed = false
    return [{ name: LESSONS, value: encodeLessons(this.#lessons) }]
  }

  /** Resolves when no training is under way, or `signal` aborts: the training then begins anew with the next start. */
  async settle(signal: AbortSignal): Promise<void> {
    const stop = () => this.#stop.abort()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await this.#training
    signal.removeEventListener('abort', stop)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#training
  }

  #keep(sessions: CollectedSessions): void {
    this.#lessons = sessions
    this.#changed = true
  }
}
