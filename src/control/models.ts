import { modelsDir } from '../config/models-dir.ts'
import type { Config } from '../config/schema.ts'
import { OddlineError } from '../core/errors.ts'
import { ModelStore } from '../learning/models/artifacts.ts'

/**
 * Puts an earlier version of the models in force, from the next batch on: the wanted one, or the one before the
 * current.
 * @throws OddlineError MODEL_INVALID where there is no such version, or where it is damaged
 */
export function rollbackModels(
  config: Pick<Config, 'models' | 'state'>,
  wanted?: number,
): { readonly from: number; readonly to: number } {
  const store = new ModelStore(modelsDir(config))
  const from = currentVersion(store)
  const to = wanted ?? store.versions().findLast((one) => one < from)
  if (to === undefined) {
    throw new OddlineError('MODEL_INVALID', `${store.dir} holds no version before ${from} to go back to.`)
  }
  if (store.versions().includes(to)) store.load(to)
  store.use(to)
  return { from, to }
}

/** @throws OddlineError MODEL_INVALID where there is none */
export function currentVersion(store: ModelStore): number {
  const current = store.current()
  if (current === undefined) {
    throw new OddlineError('MODEL_INVALID', `There are no models in ${store.dir} yet. \`oddline run\` learns them.`)
  }
  return current
}
