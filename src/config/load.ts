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
  /** YAML file that must exist. Default: `oddline.yaml` or `config/oddline.yaml`, if one exists. */
  readonly file?: string
  /** Directory of the default file and of `.env`. */
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Values of command-line flags, by dotted path such as `logs.dir`. */
  readonly flags: Readonly<Record<string, unknown>>
}

/**
 * Merges the file, `.env`, the environment and the flags. Each overrides the one before.
 * @throws OddlineError CONFIG_INVALID that lists all problems
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
  const count = problems.length === 1 ? 'One setting is invalid' : `${problems.length} settings are invalid`
  const where = file ? ` (${file})` : ''
  return new OddlineError(
    'CONFIG_INVALID',
    `${count}${where}; nothing was started:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
  )
}

function readYaml(path: string): Record<string, unknown> {
  // Loaded on demand: without a file, the start takes a tenth less time.
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
      `${path} must contain keys and values; config/default.yaml lists all of them.`,
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

/** Converts a text to the type of the schema. Text of another type stays as it is, and the schema rejects it. */
export function fromText(text: string, schema: z.core.$ZodType): unknown {
  const { type } = unwrap(schema)._zod.def
  if (type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type === 'array') return text.split(',').map((item) => item.trim())
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
