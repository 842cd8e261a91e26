import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { openReadOnly } from '../../../store/database.ts'
import { statusReport } from '../../queries.ts'
import { configOf, withConfigFlags } from '../options.ts'
import { lastDayText } from './last-day.ts'
import { statusText } from './status-text.ts'

export function statusCommand(): Command {
  const command = new Command('status')
    .description('how far the learning is, what the last batches did, and how far behind the reading is')
    .option('--json', 'print it as one JSON object')
  withConfigFlags(command)
  return command.action((flags: { json?: boolean }) => {
    const config = configOf(command)
    if (!existsSync(join(config.state.dir, 'oddline.db'))) {
      process.stdout.write(
        `Nothing has run on ${config.state.dir} yet. Start with: oddline run --once --log-dir <dir>\n`,
      )
      return
    }
    const db = openReadOnly(config.state.dir)
    try {
      const report = statusReport(db, config.detection.warmup_logs, Date.now())
      if (flags.json) {
        process.stdout.write(`${JSON.stringify(report)}\n`)
        return
      }
      const day = lastDayText(db, Date.now())
      process.stdout.write(`${[statusText(report), day].filter(Boolean).join('\n\n')}\n`)
    } finally {
      db.close()
    }
  })
}
