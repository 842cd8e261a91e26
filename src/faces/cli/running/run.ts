import { Command, Option } from 'commander'
import { App } from '../../../app.ts'
import type { Config } from '../../../config/schema.ts'
import { type BatchResult, isSkipped } from '../../../core/documents/batch.ts'
import { atLeast, SEVERITIES, type Severity } from '../../../core/documents/severity.ts'
import { topGroups } from '../../../queries/findings/groups.ts'
import { createLogger } from '../../../telemetry/logger.ts'
import { Telemetry } from '../../../telemetry/telemetry.ts'
import { EXIT, EXIT_MEANINGS } from '../exit-codes.ts'
import { configOf, positive, withConfigFlags } from '../options.ts'
import { stopped } from '../stop-signal.ts'
import { wrap } from '../text.ts'
import { batchText } from './batch-text.ts'
import { createProgress } from './progress.ts'

const TOP_GROUPS = 10

interface RunFlags {
  readonly once?: boolean
  readonly interval?: number
  readonly cron?: string
  readonly watch?: boolean
  readonly dryRun?: boolean
  readonly api?: boolean
  readonly json?: boolean
  readonly failOn?: Severity
}

export function runCommand(stop: AbortSignal): Command {
  const command = new Command('run')
    .description('read new lines of the log directory and report what is odd')
    .addOption(new Option('--once', 'one batch, then exit').conflicts(['interval', 'cron', 'watch']))
    .addOption(
      new Option('--interval <seconds>', 'a batch every so many seconds')
        .argParser(positive)
        .conflicts(['cron', 'watch']),
    )
    .addOption(new Option('--cron <expression>', 'batches at these times, such as "0 * * * *"').conflicts('watch'))
    .addOption(new Option('--watch', 'a batch when a file has arrived or grown, and at the interval'))
    .addOption(new Option('--api', 'serve the API and the dashboard beside the batches').conflicts(['once', 'dryRun']))
    .option('--dry-run', 'report what would be found; write nothing')
    .option('--json', 'print the summary of a batch as one JSON object')
    .addOption(
      new Option('--fail-on <severity>', 'exit 10 if a finding has this severity or a worse one').choices(SEVERITIES),
    )
  withConfigFlags(command)
  command.addHelpText('after', HELP)
  return command.action(async (flags: RunFlags) => {
    const config = configOf(command, scheduleOf(flags))
    process.exitCode = await run(config, flags, stop)
  })
}

const HELP = `
Examples:
  $ oddline run --once --log-dir /var/log/apache2
  $ oddline run --cron "0 * * * *" --log-dir /var/log/apache2
  $ oddline run --watch --log-dir logs/ --state-dir /var/lib/oddline
  $ oddline run --once --json --fail-on high | jq .findings

Exit codes:
${exitCodes()}
`

function exitCodes(): string {
  const indent = '      '
  return Object.entries(EXIT_MEANINGS)
    .map(([code, meaning]) => `${code.padStart(4)}  ${wrap(meaning, indent).trimStart()}`)
    .join('\n')
}

function scheduleOf(flags: RunFlags): Record<string, unknown> {
  if (flags.once || flags.dryRun) return { 'schedule.mode': 'once' }
  if (flags.cron) return { 'schedule.mode': 'cron', 'schedule.cron': flags.cron }
  if (flags.watch) return { 'schedule.mode': 'watch' }
  if (flags.interval) return { 'schedule.mode': 'interval', 'schedule.interval_seconds': flags.interval }
  return {}
}

/** Runs until the batch is done or, on a schedule, until `stop` aborts; returns the exit code. */
export async function run(config: Config, flags: RunFlags, stop: AbortSignal): Promise<number> {
  const terminal = process.stderr.isTTY === true
  const once = config.schedule.mode === 'once'
  const level = once && terminal && config.log.level === 'info' ? 'warn' : config.log.level
  const telemetry = new Telemetry(createLogger(level, terminal))
  void stopped(stop).then(() => telemetry.stopping(stop.reason))
  const progress = createProgress(telemetry, terminal && once && level !== 'silent')
  const { update: onProgress, training: onTraining } = progress
  const dryRun = flags.dryRun === true
  const serving = flags.api === true
  const app = await App.open(config, { dryRun, serving, stop, telemetry, onProgress, onTraining })
  try {
    if (!once) {
      await runScheduled(app, config, { serving, telemetry, stop })
      return EXIT.ok
    }
    const result = await app.batch('start').finally(progress.end)
    if (!result.stopped) await app.settle().finally(progress.end)
    const top = topGroups(app.db, result.id, TOP_GROUPS)
    process.stdout.write(`${flags.json ? JSON.stringify(summary(result)) : batchText(result, top, process.stdout)}\n`)
    return exitCode(result, flags.failOn)
  } finally {
    await app.close()
  }
}

interface Running {
  readonly serving: boolean
  readonly telemetry: Telemetry
  readonly stop: AbortSignal
}

async function runScheduled(app: App, config: Config, { serving, telemetry, stop }: Running): Promise<void> {
  await app.schedule()
  if (serving && !stop.aborted) {
    const { startApi } = await import('../../http/start.ts')
    const runner = { request: () => app.request() }
    const api = await startApi(config, { db: app.db, telemetry, runner })
    await stopped(stop)
    await api.close()
  }
  await stopped(stop)
}

function summary({ totals, ...result }: BatchResult): object {
  const { rejects_bytes: _, ...counts } = totals
  return { ...result, ...counts }
}

function exitCode({ totals }: BatchResult, failOn: Severity | undefined): number {
  const severe =
    failOn && SEVERITIES.some((severity) => totals.findings.by_severity[severity] && atLeast(severity, failOn))
  if (severe) return EXIT.findings
  return totals.problems.every(isSkipped) ? EXIT.ok : EXIT.partial
}
