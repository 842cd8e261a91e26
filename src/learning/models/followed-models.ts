import { Force, type ForceOptions } from './active-models.ts'
import type { Artifact, ModelStore } from './artifacts.ts'
import { decodeModelSet, type ModelSet } from './model-set.ts'

/** The models that a reader of the state directory judges by: it follows the version in force and never learns. */
export class ModelsInForce {
  readonly #store: ModelStore
  readonly #options: ForceOptions
  #set: ModelSet | undefined
  #force: Force | undefined
  /** Version that was wanted and could not be read: it is not tried again with each look. */
  #refused: number | undefined

  constructor(store: ModelStore, options: ForceOptions) {
    this.#store = store
    this.#options = options
  }

  get set(): ModelSet | undefined {
    return this.#set
  }

  get voters(): Force['voters'] {
    return this.#force?.voters ?? []
  }

  /** Takes up the version in force, or the newest before it that can be read. Sessions go on where they can. */
  async follow(restore?: (force: Force) => Promise<void>): Promise<void> {
    const wanted = this.#store.current()
    if (wanted === undefined || wanted === this.#set?.version || wanted === this.#refused) return
    const open = async (artifact: Artifact) => {
      const { version } = artifact
      if (version === this.#set?.version) return version
      const set = decodeModelSet(artifact)
      const force = await Force.open(set, this.#options)
      if (this.#force) await force.succeed(this.#force)
      else await restore?.(force)
      await this.#force?.close()
      this.#set = set
      this.#force = force
      return version
    }
    // The process that learns reports a version that cannot be read; here the one before it serves.
    const taken = await this.#store.openLastGood(wanted, open, () => {})
    this.#refused = taken === wanted ? undefined : wanted
  }

  /** The same models with sessions of their own, to be closed by whoever asked. */
  async asNew(): Promise<Force | undefined> {
    return this.#set && (await Force.open(this.#set, this.#options))
  }

  async close(): Promise<void> {
    await this.#force?.close()
  }
}
