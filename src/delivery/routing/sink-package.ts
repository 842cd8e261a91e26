import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf } from '../../core/errors.ts'
import type { SinkDefinition } from '../sink/sink.ts'

/** Loads the module of a package by its name. */
export type LoadModule = (name: string) => Promise<unknown>

/** Loads the definition of a sink from an npm package, for a `type` that is not built in. */
export async function loadSinkPackage(
  type: string,
  at: string,
  builtin: readonly SinkDefinition[],
  load: LoadModule = importPackage,
): Promise<SinkDefinition> {
  const known = builtin.map((definition) => definition.type).join(', ')
  let exported: unknown
  try {
    exported = ((await load(type)) as { sink?: unknown }).sink
  } catch (error) {
    throw new Error(
      `${at}.type: ${type} is neither a built-in sink (${known}) nor an installed package (${messageOf(error)})`,
    )
  }
  const definition = exported as SinkDefinition | undefined
  if (definition?.config === undefined || typeof definition.create !== 'function' || definition.limits === undefined) {
    throw new Error(`${at}.type: the package ${type} has no export "sink" that defines a sink; see sinks/README.md`)
  }
  return definition
}

/** Looks for the package in the working directory first, then next to Oddline itself. */
async function importPackage(name: string): Promise<unknown> {
  try {
    const require = createRequire(pathToFileURL(join(process.cwd(), 'package.json')))
    return await import(pathToFileURL(require.resolve(name)).href)
  } catch {
    return await import(name)
  }
}
