import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../../../src/config/schema.ts'
import type { Analyzer } from '../../../src/core/documents/analysis.ts'

const BUILT = join(import.meta.dirname, '../../../dist/src/pipeline/analysis/analyzer-client.js')

/** Threads run the build only. */
export const isBuilt = existsSync(BUILT)

/** The analyzer in its threads, as it is built. */
export async function threadedAnalyzer(config: Config): Promise<Analyzer> {
  const { ThreadedAnalyzer } = (await import(
    pathToFileURL(BUILT).href
  )) as typeof import('../../../src/pipeline/analysis/analyzer-client.ts')
  return ThreadedAnalyzer.open(config)
}
