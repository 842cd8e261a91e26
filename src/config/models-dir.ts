import { join } from 'node:path'
import type { Config } from './schema.ts'

/** The directory of the learnt models: `models.dir`, or `models` in the state directory. */
export function modelsDir({ models, state }: Pick<Config, 'models' | 'state'>): string {
  return models.dir || join(state.dir, 'models')
}
