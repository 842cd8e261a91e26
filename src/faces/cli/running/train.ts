import { Command, Option } from 'commander'
import type { Config } from '../../../config/schema.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { readRegularFile } from '../../../core/files/regular-file.ts'
import { type Baseline, learnBaseline } from '../../../pipeline/baseline.ts'
import { createLogger } from '../../../telemetry/logger.ts'
import { Telemetry } from '../../../telemetry/telemetry.ts'
import { configOf, positive, withConfigFlags } from '../options.ts'
import { count } from '../text.ts'
import { createProgress } from './progress.ts'

interface TrainFlags {
  readonly dataPath?: string
  readonly baselineDays?: number
  readonly forest?: string
  readonly json?: boolean
}

const HELP = `
The models are put in force: \`oddline run\` judges with them from its next batch
on, also while it runs. Offsets and findings stay as they are.

Examples:
  $ oddline train --data-path /var/log/apache2 --baseline-days 7
  $ oddline train --data-path logs/ --forest my_forest.onnx
`

export function trainCommand(stop: AbortSignal): Command {
  const command = new Command('train')
    .description('learn models from existing logs instead of a warmup')
    .option('--data-path <dir>', 'directory of the logs to learn from (default: --log-dir)')
    .addOption(
      new Option('--baseline-days <days>', 'learn from so many days before the newest event').argParser(positive),
    )
    .option('--forest <file>', 'an isolation forest of your own for requests, as ONNX, in place of ours')
    .option('--json', 'print what was learnt as one JSON object')
  withConfigFlags(command)
  command.addHelpText('after', HELP)
  return command.action(async (flags: TrainFlags) => {
    const { dataPath, baselineDays } = flags
    const config = configOf(command, {
      ...(dataPath !== undefined && { 'logs.dir': dataPath }),
      ...(baselineDays !== undefined && { 'detection.baseline_days': baselineDays }),
    })
    const baseline = await train(config, flags, stop)
    if (baseline) process.stdout.write(`${flags.json ? JSON.stringify(baseline) : told(baseline, config)}\n`)
  })
}

async function train(config: Config, { forest }: TrainFlags, stop: AbortSignal): Promise<Baseline | undefined> {
  const terminal = process.stderr.isTTY === true
  const telemetry = new Telemetry(createLogger(config.log.level, terminal))
  const progress = createProgress(telemetry, terminal && config.log.level !== 'silent')
  const events = {
    onReading: ({ bytes, bytesToRead, lines, leftOut }: Parameters<BaselineReading>[0]) =>
      progress.update({ bytesToRead, totals: { bytes, lines, findings: { total: leftOut } } }),
    onTraining: progress.training,
  }
  try {
    return await learnBaseline(config, events, {
      signal: stop,
      forest: forest === undefined ? undefined : readForest(forest),
    })
  } catch (error) {
    if (!stop.aborted) throw error
    telemetry.stopping(stop.reason)
    return undefined
  } finally {
    progress.end()
  }
}

type BaselineReading = Parameters<typeof learnBaseline>[1]['onReading']

function readForest(file: string): Uint8Array {
  try {
    return readRegularFile(file)
  } catch (error) {
    throw new OddlineError('MODEL_INVALID', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function told({ version, learnt, flagged, older, newest, transformer }: Baseline, { detection }: Config): string {
  const until =
    newest === undefined ? '' : ` before ${new Date(newest).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const lines = [
    `Learnt from ${count(learnt, 'event')} of the ${count(detection.baseline_days, 'day')}${until}.`,
    `Left out: ${flagged.toLocaleString('en-US')} that a rule matched, ${older.toLocaleString('en-US')} older ones.`,
  ]
  if (!transformer) lines.push('There were too few sessions for a transformer; the forest goes without it.')
  lines.push(`Version ${version} is in force; a running oddline takes it up with its next batch.`)
  return lines.join('\n')
}
