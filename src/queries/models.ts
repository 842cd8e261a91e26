import { modelsDir } from '../config/models-dir.ts'
import type { Config } from '../config/schema.ts'
import { messageOf } from '../core/errors.ts'
import { ModelStore } from '../learning/models/artifacts.ts'

/** A version of the learnt models. */
export interface ModelItem {
  readonly version: number
  readonly inForce: boolean
  /** What its card says of it; nothing where it is damaged. */
  readonly card: Readonly<Record<string, unknown>>
  /** Why it cannot be used; null where it can. */
  readonly problem: string | null
}

/** The versions on disk, the oldest first. */
export function listModels(config: Pick<Config, 'models' | 'state'>): ModelItem[] {
  const store = new ModelStore(modelsDir(config))
  const current = store.current()
  return store.versions().map((version) => ({ version, inForce: version === current, ...cardOf(store, version) }))
}

function cardOf(store: ModelStore, version: number): Pick<ModelItem, 'card' | 'problem'> {
  try {
    return { card: store.load(version).card, problem: null }
  } catch (error) {
    return { card: {}, problem: messageOf(error) }
  }
}
