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

export function runCommand(): Command {
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
    process.exitCode = await run(config, flags)
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

/** Runs until the batch is done or, on a schedule, until a signal; returns the exit code. */
export async function run(config: Config, flags: RunFlags): Promise<number> {
  const terminal = process.stderr.isTTY === true
  const once = config.schedule.mode === 'once'
  const level = once && terminal && config.log.level === 'info' ? 'warn' : config.log.level
  const telemetry = new Telemetry(createLogger(level, terminal))
  const progress = createProgress(telemetry, terminal && once && level !== 'silent')
  const stop = onSignal(telemetry)
  const { update: onProgress, training: onTraining } = progress
  const app = await App.open(config, {
    dryRun: flags.dryRun === true,
    serving: flags.api === true,
    telemetry,
    onProgress,
    onTraining,
  })
  stop.whenSignalled(() => app.stop())
  try {
    if (!once) {
      await app.schedule()
      const runner = { request: () => app.request() }
      const api = flags.api
        ? await (await import('../../http/start.ts')).startApi(config, { db: app.db, telemetry, runner })
        : undefined
      await stop.ended
      await api?.close()
      return EXIT.ok
    }
    const result = await app.batch('start').finally(progress.end)
    if (!result.stopped) await app.settle().finally(progress.end)
    const top = topGroups(app.db, result.id, TOP_GROUPS)
    process.stdout.write(`${flags.json ? JSON.stringify(summary(result)) : batchText(result, top, process.stdout)}\n`)
    return exitCode(result, flags.failOn)
  } finally {
    stop.forget()
    await app.close()
  }
}

interface Stop {
  /** Sets what the first signal does; runs it at once if the signal has come already. */
  whenSignalled(stop: () => Promise<void>): void
  /** Resolves when the stop is complete. */
  readonly ended: Promise<void>
  forget(): void
}

/** The first SIGINT or SIGTERM stops in order. A second one ends the process at once; nothing committed is lost. */
function onSignal(telemetry: Telemetry): Stop {
  let signalled: (signal: NodeJS.Signals) => void = () => {}
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    signalled = resolve
  })
  const forget = () => {
    process.removeListener('SIGINT', signalled)
    process.removeListener('SIGTERM', signalled)
  }
  process.once('SIGINT', signalled)
  process.once('SIGTERM', signalled)
  let finish: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    finish = resolve
  })
  return {
    ended,
    forget,
    whenSignalled(stop) {
      void signal.then(async (name) => {
        forget()
        telemetry.stopping(name)
        await stop()
        finish()
      })
    },
  }
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
