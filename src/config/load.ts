import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parse as parseDotenv } from 'dotenv'
import type { z } from 'zod'
import { messageOf, OddlineError } from '../core/errors.ts'
import { describeProblems } from './problems.ts'
import { type Config, ConfigSchema } from './schema.ts'
import { leavesOf, metaOf, unwrap } from './walk.ts'

export interface ConfigSources {
  /** YAML file that must exist; without it `oddline.yaml` and `config/oddline.yaml` are taken if they are there. */
  readonly file?: string
  /** Directory for the default file and `.env`. */
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Values of command-line flags by dotted path, such as `logs.dir`. */
  readonly flags: Readonly<Record<string, unknown>>
}

/**
 * File, `.env`, environment, flags: each stronger than the one before.
 * @throws OddlineError CONFIG_INVALID that names everything that is wrong at once
 */
export function loadConfig(sources: ConfigSources): Config {
  const file =
    sources.file ?? ['oddline.yaml', 'config/oddline.yaml'].find((name) => existsSync(join(sources.cwd, name)))
  const values: Record<string, unknown> = file ? readYaml(join(file.startsWith('/') ? '' : sources.cwd, file)) : {}
  const origins = new Map<string, string>()
  const set = (path: string, value: unknown, origin: string) => {
    assign(values, path.split('.'), value)
    origins.set(path, origin)
  }
  const dotenv = join(sources.cwd, '.env')
  if (existsSync(dotenv)) applyEnvironment(parseDotenv(readFileSync(dotenv)), set, '.env')
  applyEnvironment(sources.env, set, 'the environment')
  for (const [path, value] of Object.entries(sources.flags)) {
    if (value !== undefined) set(path, value, 'a flag')
  }
  const parsed = ConfigSchema.safeParse(values)
  if (parsed.success) return freeze(parsed.data)
  throw invalid(describeProblems(ConfigSchema, parsed.error, origins), file)
}

function invalid(problems: readonly string[], file: string | undefined): OddlineError {
  const count = problems.length === 1 ? 'One setting is' : `${problems.length} settings are`
  const where = file ? ` (${file})` : ''
  return new OddlineError(
    'CONFIG_INVALID',
    `${count} wrong${where}; nothing was started:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
  )
}

function readYaml(path: string): Record<string, unknown> {
  // Loaded where there is a file: a start without one is a tenth shorter.
  const { parse, YAMLParseError } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8')) ?? {}
  } catch (error) {
    const what = error instanceof YAMLParseError ? 'is not valid YAML' : 'cannot be read'
    throw new OddlineError('CONFIG_INVALID', `${path} ${what}: ${messageOf(error)}`, { cause: error })
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new OddlineError(
      'CONFIG_INVALID',
      `${path} must hold keys and values; see config/default.yaml for all of them.`,
    )
  }
  return value as Record<string, unknown>
}

type Set = (path: string, value: unknown, origin: string) => void

function applyEnvironment(env: Readonly<Record<string, string | undefined>>, set: Set, origin: string): void {
  for (const { path, schema } of leavesOf(ConfigSchema)) {
    const { env: name } = metaOf(schema)
    const text = name && env[name]
    if (text) set(path.join('.'), fromText(text, schema), `${name} in ${origin}`)
  }
}

/** A value given as text, as the schema's type wants it; text that is no such value is left for the schema to refuse. */
export function fromText(text: string, schema: z.core.$ZodType): unknown {
  const { type } = unwrap(schema)._zod.def
  if (type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return text
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const inner = target[key]
  if (inner === null || inner === undefined) target[key] = {}
  else if (typeof inner !== 'object') return
  assign(target[key] as Record<string, unknown>, rest, value)
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') Object.values(value).forEach(freeze)
  return Object.freeze(value)
}
