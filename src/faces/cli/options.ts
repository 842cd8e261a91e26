import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'

/** Flags that set a key of the configuration: flag, key, help. */
const CONFIG_FLAGS = [
  ['--log-dir <dir>', 'logs.dir', 'directory that is searched for log files'],
  ['--output-dir <dir>', 'output.dir', 'where each batch writes its results'],
  ['--state-dir <dir>', 'state.dir', 'offsets, findings and models; one process at a time'],
  ['--model-dir <dir>', 'models.dir', 'learnt models, if not under the state directory'],
  ['--warmup-logs <n>', 'detection.warmup_logs', 'events watched before the models are trained'],
  ['--contamination <part>', 'detection.contamination', 'part of normal traffic that may be called odd'],
  ['--log-level <level>', 'log.level', 'debug, info, warn, error or silent'],
] as const

export function withConfigFlags(command: Command): Command {
  command.addOption(new Option('-c, --config <file>', 'configuration file (default: oddline.yaml if there is one)'))
  for (const [flag, , help] of CONFIG_FLAGS) command.addOption(new Option(flag, help))
  return command
}

/** The configuration of a command: its flags override environment, `.env` and file. `more` sets further keys by path. */
export function configOf(command: Command, more: Readonly<Record<string, unknown>> = {}): Config {
  const values = command.optsWithGlobals() as Record<string, string | undefined>
  const flags: Record<string, unknown> = { ...more }
  for (const [flag, path] of CONFIG_FLAGS) {
    const value = values[new Option(flag).attributeName()]
    if (value !== undefined) flags[path] = path.startsWith('detection.') ? numberOrText(value) : value
  }
  return loadConfig({ file: values.config, cwd: process.cwd(), env: process.env, flags })
}

function numberOrText(value: string): number | string {
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value
}

export function positive(value: string): number {
  const number = Number(value)
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return number
}
