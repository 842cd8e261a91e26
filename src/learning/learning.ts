import type { EventBlock } from '../core/columns/block.ts'
import type { Phase } from '../core/documents/finding.ts'
import { messageOf, type OddlineError } from '../core/errors.ts'
import type { CollectedSessions } from '../detectors/transformer/training/collector.ts'
import { type Checkpoint, type LoadCheckpoint, restoreOrReport } from './checkpoints.ts'
import type { LearningOptions } from './learning-options.ts'
import {
  decodeState,
  encodeState,
  INITIAL_STATE,
  type LearningState,
  type LifecycleEvent,
  next,
  ordersBehind,
} from './lifecycle.ts'
import { ActiveModels } from './models/active-models.ts'
import { encodeModelSet, type ModelContent } from './models/model-set.ts'
import type { Voter } from './models/voter.ts'
import { decodeOrders, encodeOrders, ORDERS, type Orders } from './orders.ts'
import { horizon, isCollecting, isComplete, retrainReason, unlearntReason } from './schedule.ts'
import { BackgroundTraining } from './training/background-training.ts'
import { LearningCycle } from './training/cycle.ts'
import { finishCycle, TOO_LITTLE_DATA } from './training/finish-cycle.ts'
import { hasEnoughSessions } from './training/transformer-training.ts'

const STATE = 'learning'

/**
 * The learning side of a batch: gives the detectors that vote, learns from judged blocks, and trains and replaces models.
 * `lifecycle.ts` holds the state machine; every change of state goes through `#apply`.
 *
 * The forest is fitted between two events, at the event that completes a collection. The transformer is trained in the
 * background and takes effect with the next batch. So findings do not depend on how long a training takes.
 */
export class Learning {
  readonly #options: LearningOptions
  readonly #load: LoadCheckpoint
  readonly #active: ActiveModels
  readonly #background: BackgroundTraining
  #cycle: LearningCycle
  #state: LearningState = INITIAL_STATE
  #dryRun = false
  /** Replaces orders that cannot be read with the next commit. */
  #ordersToSave: Orders | undefined

  private constructor(options: LearningOptions, load: LoadCheckpoint) {
    this.#options = options
    this.#load = load
    this.#active = new ActiveModels(options.models, options, {
      onBadModel: (error, version) => this.#reportOnce(error, version),
      onBadState: options.onBadState,
    })
    this.#background = new BackgroundTraining(options)
    this.#cycle = new LearningCycle(options.seed)
  }

  /** Continues where the last commit left off. `load` reads committed checkpoints; it is also called when a batch begins. */
  static async open(options: LearningOptions, load: LoadCheckpoint): Promise<Learning> {
    const learning = new Learning(options, load)
    const { rules, onBadState } = options
    await restoreOrReport(STATE, () => learning.#restoreState(), onBadState)
    const rulesState = load(`detector.${rules.name}`)
    if (rulesState) await restoreOrReport(`detector.${rules.name}`, () => rules.restore?.(rulesState), onBadState)
    await learning.#restoreCollection()
    await learning.#restoreModels()
    await learning.#resumeTraining()
    return learning
  }

  get phase(): Phase {
    return this.#state.phase
  }

  get judging(): Phase {
    return this.#state.judging
  }

  /** Events until the voters may change; blocks must be cut there. */
  get horizon(): number {
    return this.#dryRun ? Number.POSITIVE_INFINITY : horizon(this.#state, this.#options.limits)
  }

  get voters(): readonly Voter[] {
    const { rules, weights } = this.#options
    return [{ detector: rules, weight: weights.rules, calibrate: (_, raw) => raw }, ...this.#active.voters]
  }

  /**
   * Begins a batch. A new batch reads orders and loads the current model version; one that resumes an interrupted batch
   * keeps both. A dry run learns nothing.
   */
  async beginBatch(batch: { readonly resumed: boolean; readonly dryRun: boolean }): Promise<void> {
    this.#dryRun = batch.dryRun
    if (batch.resumed) return
    const orders = await this.#readOrders()
    this.#apply({ type: 'orders-read', orders, frozen: this.#options.frozen })
    await this.#follow()
    const { set } = this.#active
    this.#apply({ type: 'batch-began', has: { models: !!set, transformer: !!set?.transformer } })
    if (!this.#dryRun) this.#retrain(unlearntReason(this.#state, this.#options.limits))
  }

  /** Learns from a judged block. Events where `flagged` is 1 are never learnt. */
  async learn(block: EventBlock, flagged: Uint8Array): Promise<void> {
    if (this.#dryRun) return
    const { limits, drift } = this.#options
    const { loaded } = this.#active
    const collecting = isCollecting(this.#state, limits)
    if (collecting) this.#cycle.collect(block, flagged, limits.warmup)
    const unlearnt = loaded?.logs.countUnlearnt(block, this.#state.unlearnt) ?? {}
    this.#apply({ type: 'events-seen', count: block.count, collecting, unlearnt })
    const time = block.time[block.count - 1]
    const covered = collecting && this.#cycle.covers(loaded?.set.learntFrom ?? {}, limits.warmup)
    if (collecting && isComplete(this.#state, limits, covered)) await this.#train(time)
    else this.#retrain(await retrainReason(this.#state, limits, time, async () => loaded?.drift(drift)))
  }

  /** The whole state. No block may be on its way through the detectors. */
  async checkpoints(): Promise<Checkpoint[]> {
    return [...this.learningState(), ...(await this.detectorState())]
  }

  /** The state of the detectors after the blocks that they have been given so far. */
  async detectorState(): Promise<Checkpoint[]> {
    const { rules, drift } = this.#options
    const rulesState = rules.snapshot?.()
    const saved = await this.#active.checkpoints(drift, this.#state.unlearnt)
    return rulesState ? [...saved, { name: `detector.${rules.name}`, value: await rulesState }] : saved
  }

  /** The state of the learning after the blocks that have been learnt so far. */
  learningState(): Checkpoint[] {
    const collection = isCollecting(this.#state, this.#options.limits) ? this.#cycle.checkpoints() : []
    const saved = [{ name: STATE, value: encodeState(this.#state) }, ...collection, ...this.#background.checkpoints()]
    const orders = this.#ordersToSave
    this.#ordersToSave = undefined
    return orders ? [...saved, { name: ORDERS, value: encodeOrders(orders) }] : saved
  }

  /** Waits for the running training, if any. If `signal` aborts, the training stops; the next start repeats it. */
  settle(signal: AbortSignal): Promise<void> {
    return this.#background.settle(signal)
  }

  async close(): Promise<void> {
    await this.#background.close()
    await this.#active.close()
  }

  #restoreState(): void {
    this.#state = decodeState(this.#load(STATE))
  }

  /** Orders that cannot be read are those that led to the state: learning that a person froze stays frozen. */
  async #readOrders(): Promise<Orders> {
    let orders = ordersBehind(this.#state)
    const restore = () => {
      orders = decodeOrders(this.#load(ORDERS))
    }
    if (!(await restoreOrReport(ORDERS, restore, this.#options.onBadState))) this.#ordersToSave = orders
    return orders
  }

  /** A version that stays unusable is not reported again by every start. */
  #reportOnce(error: OddlineError, version: number): void {
    if (this.#state.unusable.includes(version)) return
    this.#apply({ type: 'version-unusable', version })
    this.#options.onBadModel(error, version)
  }

  async #restoreCollection(): Promise<void> {
    if (this.#state.collected === 0) return
    const restore = () => this.#cycle.restore(this.#load)
    const restored = await restoreOrReport('learning.forest', restore, this.#options.onBadState)
    if (!restored) this.#apply({ type: 'collection-lost' })
  }

  async #restoreModels(): Promise<void> {
    const { version } = this.#state
    if (version > 0) await this.#follow(version, this.#load)
    if (!this.#active.loaded && this.#state.phase !== 'warmup') this.#apply({ type: 'models-lost' })
  }

  /** Repeats an interrupted training if its training set was saved, else collects a new one. */
  async #resumeTraining(): Promise<void> {
    if (this.#state.phase !== 'training') return
    const { set } = this.#active
    const sessions = await BackgroundTraining.savedTrainingSet(this.#load, this.#options.onBadState)
    if (set && this.#options.weights.transformer > 0 && hasEnoughSessions(sessions))
      this.#trainTransformer(set, sessions, true)
    else this.#apply({ type: 'training-lost' })
  }

  async #follow(wanted?: number, load?: LoadCheckpoint): Promise<void> {
    const version = await this.#active.follow(wanted, load)
    if (version !== undefined) this.#apply({ type: 'models-loaded', version })
  }

  #retrain(reason: string | undefined): void {
    if (reason !== undefined) this.#apply({ type: 'retraining-due', reason })
  }

  /** `time`: log time of the last collected event, ms since the epoch; NaN if unknown. */
  async #train(time: number): Promise<void> {
    const { weights } = this.#options
    const [cycle, inUse, { collected }] = [this.#cycle, this.#active.set, this.#state]
    this.#apply({ type: 'training-began', trainedAt: Number.isNaN(time) ? null : time })
    const { content, sessions, outcome } = await finishCycle(cycle, inUse, collected, weights.transformer > 0)
    if (outcome === 'too-little-data') return this.#apply({ type: 'training-failed', reason: TOO_LITTLE_DATA })
    if (!inUse || outcome === 'forest-only') {
      const version = this.#save(content, !inUse)
      if (version === undefined) return
      if (!inUse) {
        await this.#active.replace({ ...content, version }, cycle)
        this.#apply({ type: 'first-forest-loaded', version })
      }
    }
    if (outcome === 'forest-only') this.#apply({ type: 'training-done', first: !inUse })
    else this.#trainTransformer(content, sessions, !inUse)
  }

  /** Stores a new version. If that fails, the models in use judge on; without any, the warmup begins anew. */
  #save(content: ModelContent, first: boolean): number | undefined {
    const { models, keep } = this.#options
    try {
      return models.save(encodeModelSet(content), keep)
    } catch (error) {
      const reason =
        `The new models cannot be stored (${messageOf(error)}). Free some space in ${models.dir}, or make it writable; ` +
        'they are learnt again from later events.'
      this.#apply({ type: first ? 'models-unsaved' : 'training-failed', reason })
      return undefined
    }
  }

  /** `repeatable`: see `TrainingRun`. A retraining is not: the models in use judge on while new events are collected. */
  #trainTransformer(content: ModelContent, sessions: CollectedSessions, repeatable: boolean): void {
    this.#background.start(content, sessions, {
      repeatable,
      onDone: () => this.#apply({ type: 'training-done', first: false }),
      onFailed: (reason) => this.#apply({ type: 'training-failed', reason }),
    })
  }

  /** The one place that changes the state and tells others. A collection ends when its count returns to zero. */
  #apply(event: LifecycleEvent): void {
    const { seed, onDue, onTrainingFailed, onPhase } = this.#options
    const before = this.#state
    this.#state = next(before, event)
    const { phase, collected } = this.#state
    if (before.collected > 0 && collected === 0) this.#cycle = new LearningCycle(seed)
    if (event.type === 'retraining-due') onDue(event.reason)
    if (event.type === 'training-failed' || event.type === 'models-unsaved') onTrainingFailed(event.reason)
    if (before.phase !== phase) onPhase(before.phase, phase)
  }
}
