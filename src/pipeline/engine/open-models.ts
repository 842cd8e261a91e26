import { modelsDir } from '../../config/models-dir.ts'
import { ModelStore } from '../../learning/models/artifacts.ts'
import type { EngineSettings } from './engine-protocol.ts'

export function openModels(settings: Pick<EngineSettings, 'models' | 'state'>): ModelStore {
  return new ModelStore(modelsDir(settings))
}
