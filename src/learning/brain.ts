import type { EventBlock } from '../core/block.ts'
import { messageOf, OddlineError } from '../core/errors.ts'
import type { Phase } from '../core/finding.ts'
import type { TrainingProgress } from '../core/training.ts'
import type { Detector } from '../detectors/detector.ts'
import type { CollectedSessions } from '../detectors/transformer/collector.ts'
import { Templater } from '../templates/templater.ts'
import type { ModelStore } from './artifacts.ts'
import { LearningCycle } from './cycle.ts'
import { Force, type ForceOptions, type Voter } from './force.ts'
import { decodeLessons, encodeLessons } from './lessons.ts'
import {
  collects,
  decodeState,
  encodeState,
  type LearningLimits,
  type LearningState,
  ready,
  seen,
} from './lifecycle.ts'
import { decodeModelSet, encodeModelSet, type ModelSet } from './model-set.ts'
import { trainCalibrated } from './transformer-training.ts'

export interface BrainOptions extends ForceOptions {
  readonly rules: Detector
  readonly models: ModelStore
  readonly keep: number
  readonly limits: LearningLimits
  readonly seed: number
  /** The transformer's training ends after this time, ms. */
  readonly deadlineMs: number
  onPhase(from: Phase, to: Phase): void
  onTraining(progress: TrainingProgress): void
  onTrainingFailed(reason: string): void
  onBadModel(error: OddlineError): void
}

type Load = (name: string) => Uint8Array | undefined
const NOTHING: CollectedSessions = { sequences: [], complete: [] }

type Checkpoint = { name: string; value: Uint8Array }

const STATE = 'learning'
/** The sessions that the transformer is being trained on, so that a restart can begin anew. */
const LESSONS = 'learning.lessons'

/**
 * What watches, learns and judges: the detectors with their models, and the lifecycle that makes the models. All its
 * state leaves through `checkpoints`, so that a process that dies goes on where its last commit stood. The forest is
 * fitted between two blocks, at the event that completes the cycle; the transformer is trained in a thread of its own
 * and comes into force with the next batch. So what a batch finds does not depend on how fast a training was.
 */
export class Brain {
  readonly #options: BrainOptions
  readonly #load: Load
  #cycle: LearningCycle
  #state: LearningState
  #force: Force | undefined
  #lessons: CollectedSessions = NOTHING
  #lessonsChanged = false
  #training: Promise<void> = Promise.resolve()
  readonly #stop = new AbortController()
  #learning = true

  private constructor(options: BrainOptions, load: Load) {
    this.#options = options
    this.#load = load
    this.#state = decodeState(load(STATE))
    this.#cycle = new LearningCycle(options.seed)
  }

  static async open(options: BrainOptions, load: Load): Promise<Brain> {
    const brain = new Brain(options, load)
    const windows = load(`detector.${options.rules.name}`)
    if (windows) await options.rules.restore?.(windows)
    brain.#cycle.restore(load)
    await brain.#takeUp(brain.#state.version || undefined)
    await brain.#force?.restore(load)
    brain.#resumeTraining()
    return brain
  }

  get phase(): Phase {
    return this.#state.phase
  }

  get voters(): readonly Voter[] {
    const { rules, weights } = this.#options
    const always: Voter = { detector: rules, weight: weights.rules, calibrate: (_, raw) => raw }
    return [always, ...(this.#force?.voters ?? [])]
  }

  /**
   * A batch begins. Unless it goes on with an interrupted one, models that came into force since the last batch are
   * taken up: trained here, or rolled back or imported by a command. In a dry run nothing is learnt.
   */
  async beginBatch(batch: { readonly resumed: boolean; readonly dryRun: boolean }): Promise<void> {
    this.#learning = !batch.dryRun
    if (batch.resumed) return
    await this.#takeUp(this.#options.models.current())
    if (this.#state.phase === 'waiting') this.#enter('ensemble')
  }

  /** Learns from a block that has been judged; what was flagged teaches nothing. */
  async learn(block: EventBlock, flagged: Uint8Array): Promise<void> {
    if (!this.#learning) return
    const { limits } = this.#options
    const collecting = collects(this.#state, limits)
    if (collecting) this.#cycle.collect(block, flagged)
    this.#state = seen(this.#state, block.count, collecting)
    if (collecting && ready(this.#state, limits)) await this.#train()
  }

  /** The state as it is when the detectors have answered; no block may be judged meanwhile. */
  async checkpoints(): Promise<Checkpoint[]> {
    const { rules, limits } = this.#options
    const windows = await rules.snapshot?.()
    const models = (await this.#force?.checkpoints()) ?? []
    const kept: Checkpoint[] = [{ name: STATE, value: encodeState(this.#state) }, ...models]
    if (windows) kept.push({ name: `detector.${rules.name}`, value: windows })
    if (collects(this.#state, limits)) kept.push(...this.#cycle.checkpoints())
    if (this.#lessonsChanged) kept.push({ name: LESSONS, value: encodeLessons(this.#lessons) })
    this.#lessonsChanged = false
    return kept
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
    await this.#force?.close()
  }

  async #train(): Promise<void> {
    this.#enter('training')
    const { forest, templates, sessions } = this.#cycle.harvest()
    const version = (this.#options.models.versions().at(-1) ?? 0) + 1
    const draft: ModelSet = { version, forest, templates, trainedOn: this.#state.collected }
    if (!this.#force) {
      this.#save(draft)
      await this.#replace(draft, this.#cycle)
      this.#setLessons(sessions)
    }
    this.#cycle = new LearningCycle(this.#options.seed)
    this.#state = { ...this.#state, collected: 0, since: 0 }
    this.#teach(draft, sessions)
  }

  /** The first training begins anew after a restart; of a later one only the next cycle is waited for. */
  #resumeTraining(): void {
    if (this.#state.phase !== 'training') return
    const lessons = this.#load(LESSONS)
    const sessions = lessons ? decodeLessons(lessons) : NOTHING
    if (this.#force && sessions.sequences.length > 0) this.#teach(this.#force.models, sessions)
    else this.#enter('ensemble')
  }

  #setLessons(sessions: CollectedSessions): void {
    this.#lessons = sessions
    this.#lessonsChanged = true
  }

  #teach(draft: ModelSet, sessions: CollectedSessions): void {
    const { seed, deadlineMs, onTraining } = this.#options
    const training = { seed, deadlineMs, signal: this.#stop.signal, onProgress: onTraining }
    const templater = Templater.restore(draft.templates)
    this.#training = trainCalibrated(sessions, (id) => templater.kindOf(id), training).then(
      (transformer) => {
        this.#setLessons(NOTHING)
        const inForce = draft.version === this.#force?.models.version
        if (transformer) this.#save({ ...draft, version: inForce ? draft.version + 1 : draft.version, transformer })
        else if (!inForce) this.#save(draft)
        this.#enter(inForce && !transformer ? 'ensemble' : 'waiting')
      },
      (error) => {
        if (this.#stop.signal.aborted) return
        this.#setLessons(NOTHING)
        this.#options.onTrainingFailed(messageOf(error))
        this.#enter('ensemble')
      },
    )
  }

  #save(models: ModelSet): void {
    this.#options.models.save(encodeModelSet(models), this.#options.keep)
  }

  /** Puts a version in force, or the newest before it that can be read. */
  async #takeUp(version: number | undefined): Promise<void> {
    const { models, onBadModel } = this.#options
    if (version === undefined || version === this.#force?.models.version) return
    for (const candidate of models
      .versions()
      .filter((one) => one <= version)
      .reverse()) {
      try {
        const set = decodeModelSet(models.load(candidate))
        await this.#replace(set)
        if (this.#state.phase === 'warmup') this.#enter('ensemble')
        return
      } catch (error) {
        if (!(error instanceof OddlineError)) throw error
        onBadModel(error)
      }
    }
  }

  async #replace(models: ModelSet, cycle?: LearningCycle): Promise<void> {
    const before = this.#force
    const force = await Force.open(models, this.#options, cycle)
    if (before) await force.succeed(before)
    this.#force = force
    this.#state = { ...this.#state, version: models.version }
    await before?.close()
  }

  #enter(phase: Phase): void {
    const from = this.#state.phase
    if (from === phase) return
    this.#state = { ...this.#state, phase }
    this.#options.onPhase(from, phase)
  }
}
