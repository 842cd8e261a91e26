import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { modelsDir } from '../config/models-dir.ts'
import type { Config } from '../config/schema.ts'
import { OddlineError } from '../core/errors.ts'
import { ModelStore, readArtifact, writeArtifact } from '../learning/models/artifacts.ts'
import { verifyModelSet } from '../learning/models/model-set.ts'
import { currentVersion } from './models.ts'

/**
 * Copies the models in force to a new directory, for another host.
 * @returns their version
 * @throws OddlineError CONFIG_INVALID where the directory is not empty, MODEL_INVALID where there are no models
 */
export function exportModels(config: Pick<Config, 'models' | 'state'>, dir: string): number {
  const store = new ModelStore(modelsDir(config))
  const version = currentVersion(store)
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new OddlineError('CONFIG_INVALID', `${dir} is not empty. Name a directory that does not exist yet.`)
  }
  const artifact = store.load(version)
  mkdirSync(dir, { recursive: true })
  writeArtifact(dir, artifact, version)
  return version
}

/**
 * Takes exported models as a new version and puts them in force, from the next batch on.
 * @returns the number of the version
 * @throws OddlineError MODEL_INVALID where they are damaged or cannot judge here
 */
export async function importModels(config: Pick<Config, 'models' | 'state'>, dir: string): Promise<number> {
  const artifact = readArtifact(dir)
  await verifyModelSet(artifact)
  return new ModelStore(modelsDir(config)).save(artifact, config.models.keep)
}
