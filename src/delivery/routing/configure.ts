import type { z } from 'zod'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { redacting, redactingNotifier, redactor, secretsWithin } from '../sink/redaction.ts'
import type { Notifier, Sink, SinkDefinition, SinkLimits } from '../sink/sink.ts'
import { HostKeys, type HostSettings, type SinksConfig } from './config.ts'
import { Renewal, renewingNotifier, renewingSink } from './renewal.ts'
import { readText, resolveSecrets, type SecretSources } from './secret-keys.ts'
import { type LoadModule, loadSinkPackage } from './sink-package.ts'

interface Configured {
  readonly name: string
  readonly type: string
  readonly settings: HostSettings
  readonly limits: SinkLimits
  /** The sink's own settings. Secrets print as `[redacted]`. */
  readonly config: unknown
  /** Whether a file with a secret or certificate has changed since the sink used it. */
  readonly renewed: () => boolean
}

/** A sink of the configuration: constructed, not connected. */
export type ConfiguredSink =
  | (Configured & { readonly takes: 'findings'; readonly sink: Sink })
  | (Configured & { readonly takes: 'notices'; readonly sink: Notifier })

export interface ConfigureOptions extends SecretSources {
  readonly builtin: readonly SinkDefinition[]
  readonly load?: LoadModule
}

/**
 * Constructs every enabled sink of the `sinks:` section.
 * @throws OddlineError CONFIG_INVALID that lists the problems of all sinks
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
    options.builtin.find(({ type }) => type === settings.type) ??
    (await loadSinkPackage(settings.type, at, options.builtin, options.load))
  const read = () => parse(definition.config, resolveSecrets(own, definition.secrets ?? [], at, options), at)
  const config = read()
  const maxBatch = Math.min(settings.batch ?? definition.limits.maxBatch, definition.limits.maxBatch)
  const shared = { name, type: settings.type, settings, config, limits: { ...definition.limits, maxBatch } }
  const files = Object.entries(own).flatMap(([key, value]) => (/_file$/.test(key) ? String(value) : []))
  const readFile = options.readFile ?? readText
  try {
    if (definition.takes === 'findings') {
      const renewal = new Renewal(() => redacted(redacting, definition.create, read()), files, readFile)
      return { ...shared, renewed: renewal.due, takes: 'findings', sink: renewingSink(renewal) }
    }
    const renewal = new Renewal(() => redacted(redactingNotifier, definition.create, read()), files, readFile)
    return { ...shared, renewed: renewal.due, takes: 'notices', sink: renewingNotifier(renewal) }
  } catch (error) {
    throw new Error(`${at}: ${messageOf(error)}`)
  }
}

/** Constructs a sink whose outcomes and errors contain none of its secrets. */
function redacted<Endpoint>(
  wrap: (sink: Endpoint, redact: (text: string) => string) => Endpoint,
  create: (config: unknown) => Endpoint,
  config: unknown,
): Endpoint {
  return wrap(create(config), redactor(secretsWithin(config)))
}

function parse<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Error(result.error.issues.map((i) => `${[at, ...i.path].join('.')}: ${i.message}`).join('\n'))
}
