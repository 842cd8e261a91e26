import { Command } from 'commander'
import type { Config } from '../../../config/schema.ts'
import { hasState, readState, type State } from '../../../queries/state.ts'
import { statusReport } from '../../../queries/status.ts'
import { configOf, withConfigFlags } from '../options.ts'
import { lastDayText } from './last-day.ts'
import { statusText } from './status-text.ts'

export function statusCommand(): Command {
  const command = new Command('status')
    .description('show the learning, the last batches, and files that are behind')
    .option('--json', 'print it as one JSON object')
  withConfigFlags(command)
  return command.action((flags: { json?: boolean }) => {
    const config = configOf(command)
    const { dir } = config.state
    process.stdout.write(hasState(dir) ? readState(dir, (db) => statusOf(db, config, flags)) : nothingYet(dir))
  })
}

function statusOf(db: State, config: Config, { json }: { json?: boolean }): string {
  const now = Date.now()
  const report = statusReport(db, config, now)
  if (json) return `${JSON.stringify(report)}\n`
  return `${[statusText(report), lastDayText(db, now)].filter(Boolean).join('\n\n')}\n`
}

function nothingYet(dir: string): string {
  return `Nothing has run on ${dir} yet. Start with: oddline run --once --log-dir <dir>\n`
}
