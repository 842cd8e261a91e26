import { join } from 'node:path'
import { ModelStore } from '../../learning/models/artifacts.ts'
import type { EngineSettings } from './engine-protocol.ts'

export function openModels({ models, state }: Pick<EngineSettings, 'models' | 'state'>): ModelStore {
  return new ModelStore(models.dir || join(state.dir, 'models'))
}
