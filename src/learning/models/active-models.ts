import { DRIFT, encodeDrift } from '../../core/documents/drift.ts'
import type { Checkpoint, LoadCheckpoint, LossReport } from '../checkpoints.ts'
import { type DriftLimits, withUnlearntLogs } from '../drift/drift.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import type { LearningCycle } from '../training/cycle.ts'
import type { Artifact, ModelStore } from './artifacts.ts'
import { LoadedModels, type LoadedModelsOptions } from './loaded-models.ts'
import { decodeModelSet, type ModelSet } from './model-set.ts'
import type { Voter } from './voter.ts'

const NOBODY: LossReport = { onBadModel() {}, onBadState() {} }

/**
 * The models in use, and the only place that replaces them. They follow the version that `current` names in the model
 * directory; where that one cannot be read, they fall back to the newest older version that can.
 */
export class ActiveModels {
  readonly #store: ModelStore
  readonly #options: LoadedModelsOptions
  readonly #report: LossReport
  #loaded: LoadedModels | undefined
  /** A version that could not be read. It is not tried again until another one is wanted. */
  #unreadable: number | undefined

  /** `report` is told of each version or saved state that cannot be read. */
  constructor(store: ModelStore, options: LoadedModelsOptions, report: LossReport = NOBODY) {
    this.#store = store
    this.#options = options
    this.#report = report
  }

  /** Undefined while there are no models. */
  get loaded(): LoadedModels | undefined {
    return this.#loaded
  }

  get set(): ModelSet | undefined {
    return this.#loaded?.set
  }

  get voters(): readonly Voter[] {
    return this.#loaded?.voters ?? []
  }

  /**
   * Loads the wanted version, or the newest older one that can be read. If none can, the models in use stay.
   * @param wanted the current version of the directory if absent
   * @param load gives saved detector state, which is restored if no models were in use before
   * @returns the version, if other models are in use now
   */
  async follow(wanted = this.#store.current(), load?: LoadCheckpoint): Promise<number | undefined> {
    const before = this.set?.version
    if (wanted === undefined || wanted === before || wanted === this.#unreadable) return undefined
    const open = async (artifact: Artifact) => {
      const { version } = artifact
      if (version === before) return version
      const loaded = await this.replace(decodeModelSet(artifact))
      if (load && before === undefined) await loaded.restore(load, this.#report.onBadState, version === wanted)
      return version
    }
    const opened = await this.#store.openLastGood(wanted, open, this.#report.onBadModel)
    this.#unreadable = opened === wanted ? undefined : wanted
    return opened === before ? undefined : opened
  }

  /**
   * Puts models in use and closes the previous ones. Client sessions continue.
   * @param cycle see `LoadedModels.open`
   */
  async replace(set: ModelSet, cycle?: LearningCycle): Promise<LoadedModels> {
    const previous = this.#loaded
    const loaded = await LoadedModels.open(set, this.#options, cycle)
    if (previous) await loaded.copySessions(previous)
    this.#loaded = loaded
    await previous?.close()
    return loaded
  }

  /** Opens the same models a second time, with empty sessions. The caller closes the copy. */
  async openCopy(): Promise<LoadedModels | undefined> {
    return this.set && (await LoadedModels.open(this.set, this.#options))
  }

  /** The state of the detectors, and a drift report for people. `unlearnt`: events per kind of log that is not learnt. */
  async checkpoints(limits: DriftLimits, unlearnt: LogCounts): Promise<Checkpoint[]> {
    const drift = this.#loaded?.drift(limits)
    const saved = (await this.#loaded?.checkpoints()) ?? []
    const report = await drift
    const value = report ? encodeDrift(withUnlearntLogs(report, unlearnt)) : new Uint8Array(0)
    return [...saved, { name: DRIFT, value }]
  }

  async close(): Promise<void> {
    await this.#loaded?.close()
  }
}
