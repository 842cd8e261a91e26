import type { EventBlock } from '../core/columns/block.ts'
import { DRIFT, type DriftReport, encodeDrift } from '../core/documents/drift.ts'
import type { Phase } from '../core/documents/finding.ts'
import { OddlineError } from '../core/errors.ts'
import type { Detector } from '../detectors/detector.ts'
import type { CollectedSessions } from '../detectors/transformer/training/collector.ts'
import { type DriftLimits, withStrange } from './drift/drift.ts'
import {
  collects,
  decodeState,
  encodeState,
  horizon,
  type LearningLimits,
  type LearningState,
  looksAtAge,
  outlived,
  ready,
  seen,
  strangeKind,
} from './lifecycle.ts'
import { Force, type ForceOptions, type Voter } from './models/active-models.ts'
import type { Artifact } from './models/artifacts.ts'
import { succeed } from './models/merge-models.ts'
import { decodeModelSet, encodeModelSet, type ModelContent, type ModelSet } from './models/model-set.ts'
import { decodeOrders, ORDERS, obey } from './orders.ts'
import { Teacher, type TeacherOptions } from './training/background-training.ts'
import { LearningCycle } from './training/cycle.ts'
import { teachable } from './training/transformer-training.ts'

export interface BrainOptions extends ForceOptions, TeacherOptions {
  readonly rules: Detector
  readonly limits: LearningLimits
  /** Whether learning is held; a person's order to freeze or to resume goes before this. */
  readonly frozen: boolean
  /** What the traffic may move before it is said, and the models are learnt anew. */
  readonly drift: DriftLimits
  onPhase(from: Phase, to: Phase): void
  /** Models are to be learnt anew, because the traffic has moved or because they are old. */
  onDue(reason: string): void
  onTrainingFailed(reason: string): void
  onBadModel(error: OddlineError): void
}

const TOO_LITTLE =
  'Of the events that were collected too few were not flagged, so the models in force stay. If what is flagged is ' +
  'normal by now, say so (oddline verdicts), or learn it with oddline train.'

type Load = (name: string) => Uint8Array | undefined

type Checkpoint = { name: string; value: Uint8Array }

const STATE = 'learning'

/**
 * What watches, learns and judges: the detectors with their models, and the lifecycle that makes the models. All its
 * state leaves through `checkpoints`, so that a process that dies goes on where its last commit stood. The forest is
 * fitted between two events, at the one that completes the cycle; the transformer is trained in a thread of its own
 * and comes into force with the next batch. So what a batch finds does not depend on how fast a training was.
 */
export class Brain {
  readonly #options: BrainOptions
  readonly #load: Load
  #cycle: LearningCycle
  #state: LearningState
  #force: Force | undefined
  /** Version that was to be in force and could not be read: it is not tried again with each batch. */
  #refused: number | undefined
  readonly #teacher: Teacher
  #learning = true

  private constructor(options: BrainOptions, load: Load) {
    this.#options = options
    this.#load = load
    this.#state = decodeState(load(STATE))
    this.#cycle = new LearningCycle(options.seed)
    this.#teacher = new Teacher(options)
  }

  /** `load` gives the checkpoints as they were committed; it is asked again for orders when a batch begins. */
  static async open(options: BrainOptions, load: Load): Promise<Brain> {
    const brain = new Brain(options, load)
    const windows = load(`detector.${options.rules.name}`)
    if (windows) await brain.#goOn(() => options.rules.restore?.(windows))
    if (brain.#state.collected > 0 && !(await brain.#goOn(() => brain.#cycle.restore(load)))) brain.#forgetCycle()
    await brain.#takeUp(brain.#state.version || undefined)
    await brain.#force?.restore(load, (restore) => brain.#goOn(restore), brain.#refused === undefined)
    if (!brain.#force) brain.#startOver()
    await brain.#resumeTraining()
    return brain
  }

  get phase(): Phase {
    return this.#state.phase
  }

  get judging(): Phase {
    return this.#state.judging
  }

  get horizon(): number {
    return this.#learning ? horizon(this.#state, this.#options.limits) : Number.POSITIVE_INFINITY
  }

  get voters(): readonly Voter[] {
    const { rules, weights } = this.#options
    const always: Voter = { detector: rules, weight: weights.rules, calibrate: (_, raw) => raw }
    return [always, ...(this.#force?.voters ?? [])]
  }

  /**
   * A batch begins. Unless it goes on with an interrupted one, orders are taken up, and models that came into force
   * since the last batch: trained here, or rolled back or imported by a command. In a dry run nothing is learnt.
   */
  async beginBatch(batch: { readonly resumed: boolean; readonly dryRun: boolean }): Promise<void> {
    this.#learning = !batch.dryRun
    if (batch.resumed) return
    this.#state = obey(this.#state, decodeOrders(this.#load(ORDERS)), this.#options.frozen)
    await this.#takeUp(this.#options.models.current())
    if (this.#state.phase === 'waiting') this.#enter('ensemble')
    const learning = this.#state.phase === 'training' && !this.#force?.models.transformer
    this.#judge(this.#force ? (learning ? 'training' : 'ensemble') : 'warmup')
    this.#lookAtStrange()
    if (this.#state.collected > 0) this.#state = { ...this.#state, waited: this.#state.waited + 1 }
  }

  /** Learns from a block that has been judged; what was flagged teaches nothing. */
  async learn(block: EventBlock, flagged: Uint8Array): Promise<void> {
    if (!this.#learning) return
    const { limits } = this.#options
    const collecting = collects(this.#state, limits)
    if (collecting) this.#cycle.collect(block, flagged, limits.warmup)
    const strange = this.#force?.logs.countStrange(block, this.#state.strange) ?? {}
    this.#state = { ...seen(this.#state, block.count, collecting), strange }
    const time = block.time[block.count - 1]
    const covered = collecting && this.#cycle.covers(this.#force?.models.learntFrom ?? {}, limits.warmup)
    if (collecting && ready(this.#state, limits, covered)) await this.#train(time)
    else if (looksAtAge(this.#state, limits)) await this.#lookAtAge(time)
  }

  /** The state as it is when the detectors have answered; no block may be judged meanwhile. */
  async checkpoints(): Promise<Checkpoint[]> {
    return [...this.learningState(), ...(await this.detectorState())]
  }

  /** What the detectors remember of the blocks that they were given so far; those of the rules are taken at once. */
  async detectorState(): Promise<Checkpoint[]> {
    const { rules } = this.#options
    const windows = rules.snapshot?.()
    const { strange } = this.#state
    const drift = this.#force?.drift(this.#options.drift)
    const kept = (await this.#force?.checkpoints()) ?? []
    const report = await drift
    kept.push({ name: DRIFT, value: report ? encodeDrift(withStrange(report, strange)) : new Uint8Array(0) })
    if (windows) kept.push({ name: `detector.${rules.name}`, value: await windows })
    return kept
  }

  /** How far the learning is after the blocks that were learnt so far. */
  learningState(): Checkpoint[] {
    const { limits } = this.#options
    const kept: Checkpoint[] = [{ name: STATE, value: encodeState(this.#state) }]
    if (collects(this.#state, limits)) kept.push(...this.#cycle.checkpoints())
    return [...kept, ...this.#teacher.checkpoints()]
  }

  /** Resolves when no training is under way, or `signal` aborts: the training then begins anew with the next start. */
  settle(signal: AbortSignal): Promise<void> {
    return this.#teacher.settle(signal)
  }

  async close(): Promise<void> {
    await this.#teacher.close()
    await this.#force?.close()
  }

  /** Learns a kind of log that there is enough of by now. */
  #lookAtStrange(): void {
    const { limits, onDue } = this.#options
    const kind = this.#learning ? strangeKind(this.#state, limits) : undefined
    if (kind === undefined) return
    this.#state = { ...this.#state, due: true }
    onDue(`The models have not learnt logs of the kind "${kind}": they do not judge them until they have.`)
  }

  /** At the event of this time. */
  async #lookAtAge(time: number): Promise<void> {
    this.#lookAtStrange()
    if (this.#state.due) return
    const { limits, drift, onDue } = this.#options
    const report: DriftReport | undefined = limits.retrainOnDrift ? await this.#force?.drift(drift) : undefined
    const drifted = report?.level === 'retrain'
    if (!drifted && !outlived(this.#state, time, limits)) return
    this.#state = { ...this.#state, due: true }
    onDue(drifted ? report.summary : 'The models are as old as the configuration lets them become.')
  }

  /** The last event that was collected was of this time. */
  async #train(time: number): Promise<void> {
    this.#enter('training')
    const { models, keep, seed } = this.#options
    const harvest = await this.#cycle.harvest()
    const { sessions } = harvest
    const cycle = this.#cycle
    const before = this.#force?.models
    const first = !before
    const enough = this.#wantsTransformer && teachable(sessions)
    const draft = succeed(before, harvest, this.#state.collected)
    this.#cycle = new LearningCycle(seed)
    const trainedAt = Number.isNaN(time) ? null : time
    this.#state = { ...this.#state, collected: 0, since: 0, due: false, strange: {}, waited: 0, trainedAt }
    if (before && (draft.forest === before.forest || (before.transformer && this.#wantsTransformer && !enough))) {
      return this.#fail(TOO_LITTLE)
    }
    // The first forest judges at once; a later one waits for its transformer and comes into force with a batch.
    if (first || !enough) {
      const version = models.save(encodeModelSet(draft), keep)
      if (first) await this.#replace({ ...draft, version }, cycle)
    }
    if (!enough) return this.#settleFor(first)
    if (first) this.#judge('training')
    this.#teach(draft, sessions, first)
  }

  /** There is no transformer to wait for. */
  #settleFor(first: boolean): void {
    this.#state = { ...this.#state, failed: 0 }
    this.#enter(first ? 'ensemble' : 'waiting')
    if (first) this.#judge('ensemble')
  }

  #fail(reason: string): void {
    this.#state = { ...this.#state, failed: this.#state.failed + 1 }
    this.#options.onTrainingFailed(reason)
    this.#enter('ensemble')
  }

  /** After a restart the first training begins anew from what is kept for it, a later one from events to come. */
  async #resumeTraining(): Promise<void> {
    if (this.#state.phase !== 'training') return
    let sessions: CollectedSessions | undefined
    await this.#goOn(() => {
      sessions = Teacher.lessons(this.#load)
    })
    if (this.#force && this.#wantsTransformer && sessions && teachable(sessions)) {
      return this.#teach(this.#force.models, sessions, true)
    }
    this.#state = { ...this.#state, due: true }
    this.#enter('ensemble')
  }

  /** Takes a state back. One that cannot be read, because it is damaged or another version's, begins anew, loudly, and stops nobody. */
  async #goOn(restore: () => void | Promise<void>): Promise<boolean> {
    try {
      await restore()
      return true
    } catch (error) {
      if (!(error instanceof OddlineError)) throw error
      this.#options.onBadModel(error)
      return false
    }
  }

  /** A weight of 0 switches a detector off; what is off is not trained, either. */
  get #wantsTransformer(): boolean {
    return this.#options.weights.transformer > 0
  }

  /** `kept`: whether a restart begins it anew. */
  #teach(learnt: ModelContent, sessions: CollectedSessions, kept: boolean): void {
    this.#teacher.teach(learnt, sessions, {
      kept,
      onDone: () => {
        this.#state = { ...this.#state, failed: 0 }
        this.#enter('waiting')
      },
      onFailed: (reason) => this.#fail(reason),
    })
  }

  /** Puts a version in force, or the newest before it that can be read; where there is none, what judges goes on. */
  async #takeUp(version: number | undefined): Promise<void> {
    if (version === undefined || version === this.#force?.models.version || version === this.#refused) return
    const { models, onBadModel } = this.#options
    const open = async (artifact: Artifact) => {
      if (artifact.version !== this.#force?.models.version) await this.#replace(decodeModelSet(artifact))
      return artifact.version
    }
    const taken = await models.openLastGood(version, open, onBadModel)
    this.#refused = taken === version ? undefined : version
    if (this.#force && this.#state.phase === 'warmup') {
      this.#forgetCycle()
      this.#enter('ensemble')
    }
  }

  /** Nothing learnt is left to judge with: it is learnt anew. */
  #startOver(): void {
    if (this.#state.phase === 'warmup') return
    this.#forgetCycle()
    this.#state = { ...this.#state, version: 0, judging: 'warmup' }
    this.#enter('warmup')
  }

  #forgetCycle(): void {
    this.#cycle = new LearningCycle(this.#options.seed)
    this.#state = { ...this.#state, collected: 0, since: 0, waited: 0, due: false }
  }

  async #replace(models: ModelSet, cycle?: LearningCycle): Promise<void> {
    const before = this.#force
    const force = await Force.open(models, this.#options, cycle)
    if (before) await force.succeed(before)
    this.#force = force
    this.#state = { ...this.#state, version: models.version, strange: {} }
    await before?.close()
  }

  #judge(judging: Phase): void {
    this.#state = { ...this.#state, judging }
  }

  #enter(phase: Phase): void {
    const from = this.#state.phase
    if (from === phase) return
    this.#state = { ...this.#state, phase }
    this.#options.onPhase(from, phase)
  }
}
