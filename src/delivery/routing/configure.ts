import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { z } from 'zod'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { Secret } from '../../core/secret.ts'
import { TimedPlan } from '../sending/notice-timing.ts'
import { redacting, redactingNotifier, redactor, secretsWithin } from '../sink/redaction.ts'
import type { Notifier, Sink, SinkDefinition, SinkLimits } from '../sink/sink.ts'
import { HostKeys, type HostSettings, type IncidentsConfig, type SinksConfig } from './config.ts'
import type { Routes } from './enqueue.ts'
import { matcherOf } from './routing.ts'

interface Configured {
  readonly name: string
  readonly type: string
  readonly settings: HostSettings
  readonly limits: SinkLimits
  /** The keys of its own as they are used; its secrets print as `[redacted]`. */
  readonly config: unknown
}

/** A sink as the operator set it up, built but not connected. */
export type ConfiguredSink =
  | (Configured & { readonly takes: 'findings'; readonly sink: Sink })
  | (Configured & { readonly takes: 'notices'; readonly sink: Notifier })

export interface ConfigureOptions {
  /** The sinks that come with the program. */
  readonly builtin: readonly SinkDefinition[]
  readonly env?: NodeJS.ProcessEnv
  readonly readFile?: (path: string) => string
  /** Loads a sink package by its name. */
  readonly load?: (name: string) => Promise<unknown>
}

/**
 * Builds every enabled sink of the `sinks:` section, or says everything that is wrong with all of them at once.
 * @throws OddlineError CONFIG_INVALID
 */
export async function configureSinks(section: SinksConfig, options: ConfigureOptions): Promise<ConfiguredSink[]> {
  const problems: string[] = []
  const sinks: ConfiguredSink[] = []
  for (const [name, keys] of Object.entries(section)) {
    try {
      const sink = await configureSink(name, keys, options)
      if (sink) sinks.push(sink)
    } catch (error) {
      problems.push(messageOf(error))
    }
  }
  if (problems.length > 0) throw new OddlineError('CONFIG_INVALID', problems.join('\n'))
  return sinks
}

async function configureSink(
  name: string,
  keys: Record<string, unknown>,
  options: ConfigureOptions,
): Promise<ConfiguredSink | undefined> {
  const at = `sinks.${name}`
  const host: Record<string, unknown> = {}
  const own: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(keys)) (key in HostKeys.shape ? host : own)[key] = value
  const settings = parse(HostKeys, host, at) as HostSettings
  if (!settings.enabled) return undefined
  const definition =
    options.builtin.find((d) => d.type === settings.type) ?? (await loadPackage(settings.type, at, options))
  const config = parse(definition.config, withSecrets(own, definition.secrets ?? [], at, options), at)
  const maxBatch = Math.min(settings.batch ?? definition.limits.maxBatch, definition.limits.maxBatch)
  const shared = { name, type: settings.type, settings, config, limits: { ...definition.limits, maxBatch } }
  const redact = redactor(secretsWithin(config))
  try {
    return definition.takes === 'findings'
      ? { ...shared, takes: 'findings', sink: redacting(definition.create(config), redact) }
      : { ...shared, takes: 'notices', sink: redactingNotifier(definition.create(config), redact) }
  } catch (error) {
    throw new Error(`${at}: ${messageOf(error)}`)
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Error(result.error.issues.map((i) => `${[at, ...i.path].join('.')}: ${i.message}`).join('\n'))
}

/** Replaces `<key>_file` and `<key>_env` of each secret key by the secret itself, and text by `Secret`. */
function withSecrets(
  own: Record<string, unknown>,
  secrets: readonly string[],
  at: string,
  { env = process.env, readFile = (path) => readFileSync(path, 'utf8') }: ConfigureOptions,
): Record<string, unknown> {
  const result = { ...own }
  for (const key of secrets) {
    const given = [key, `${key}_file`, `${key}_env`].filter((k) => result[k] !== undefined)
    if (given.length > 1) throw new Error(`${at}: give only one of ${given.join(' and ')}`)
    const [from] = given
    if (from === undefined) continue
    const value = result[from]
    delete result[from]
    if (from === key) {
      result[key] = Array.isArray(value) ? value.map(hidden) : hidden(value)
      continue
    }
    if (typeof value !== 'string') throw new Error(`${at}.${from}: must be text`)
    const text = from === `${key}_env` ? env[value] : read(readFile, value, `${at}.${from}`)
    if (!text?.trim()) throw new Error(`${at}.${from}: ${value} is empty or not set; put the secret there`)
    result[key] = new Secret(text.trim())
  }
  return result
}

function hidden(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? new Secret(value) : value
}

function read(readFile: (path: string) => string, path: string, at: string): string {
  try {
    return readFile(path)
  } catch (error) {
    throw new Error(`${at}: cannot read the secret (${messageOf(error)})`)
  }
}

async function loadPackage(type: string, at: string, options: ConfigureOptions): Promise<SinkDefinition> {
  const known = options.builtin.map((d) => d.type).join(', ')
  const load = options.load ?? importFromWorkingDirectory
  let exported: unknown
  try {
    exported = ((await load(type)) as { sink?: unknown }).sink
  } catch (error) {
    throw new Error(`${at}.type: ${type} is neither one of ${known} nor a package that loads (${messageOf(error)})`)
  }
  const definition = exported as SinkDefinition | undefined
  if (definition?.config === undefined || typeof definition.create !== 'function' || definition.limits === undefined) {
    throw new Error(`${at}.type: the package ${type} exports no sink named "sink"; see the README of src/delivery`)
  }
  return definition
}

/** A sink package is the operator's: it is looked for where the program was started, then beside the program. */
async function importFromWorkingDirectory(name: string): Promise<unknown> {
  try {
    const require = createRequire(pathToFileURL(join(process.cwd(), 'package.json')))
    return await import(pathToFileURL(require.resolve(name)).href)
  } catch {
    return await import(name)
  }
}

/** What `enqueue` needs to know of the sinks. */
export function routesOf(
  sinks: readonly Pick<ConfiguredSink, 'name' | 'takes' | 'settings'>[],
  incidents: IncidentsConfig,
): Routes {
  return {
    findings: sinks
      .filter((s) => s.takes === 'findings')
      .map((s) => ({ sink: s.name, wants: matcherOf(s.settings.route), capacity: s.settings.capacity })),
    notices: sinks
      .filter((s) => s.takes === 'notices')
      .map((s) => ({ sink: s.name, wants: matcherOf(s.settings.route), plan: planOf(s.settings) })),
    grouping: { gapMs: incidents.gap, resolveAfterMs: incidents.resolve_after },
  }
}

export function planOf(settings: HostSettings): TimedPlan {
  return new TimedPlan({
    waitMs: settings.group_wait,
    intervalMs: settings.group_interval,
    repeatMs: settings.repeat_interval,
    tellResolved: settings.tell_resolved,
  })
}
