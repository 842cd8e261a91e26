import { writeFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../../../config/schema.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { batchById } from '../../../queries/batches.ts'
import { learningOfReport } from '../../../queries/learning.ts'
import { hasState, readState, type State } from '../../../queries/state.ts'
import { reportMarkdown } from '../../report/markdown.ts'
import { batchReport, periodReport, type ReportData } from '../../report/model.ts'
import { reportHtml } from '../../report/page.ts'
import { configOf, withConfigFlags } from '../options.ts'

interface ReportFlags {
  readonly since: number
  readonly batch?: string
  readonly format: 'html' | 'md' | 'json'
  readonly output?: string
}

const HELP = `
Examples:
  $ oddline report > today.html
  $ oddline report --since 7d --format md
  $ oddline report --batch 9f2c41d0 --output report.html
`

export function reportCommand(): Command {
  const command = new Command('report')
    .description('write a report of the last day, of a period or of a batch, as HTML, Markdown or JSON')
    .addOption(
      new Option('--since <age>', 'log time to go back, such as 24h or 7d').argParser(ageMs).default(86_400_000, '24h'),
    )
    .option('--batch <id>', 'of one batch instead')
    .addOption(new Option('--format <format>').choices(['html', 'md', 'json']).default('html'))
    .option('-o, --output <file>', 'file to write instead of standard output')
  withConfigFlags(command)
  command.addHelpText('after', HELP)
  return command.action((flags: ReportFlags) => {
    const config = configOf(command)
    const { dir } = config.state
    if (!hasState(dir)) {
      throw new OddlineError('CONFIG_INVALID', `Nothing has run on ${dir} yet, so there is nothing to report.`)
    }
    write(
      rendered(
        readState(dir, (db) => dataOf(db, config, flags)),
        flags.format,
      ),
      flags.output,
    )
  })
}

/** @throws OddlineError CONFIG_INVALID where there is no such batch */
function dataOf(db: State, config: Config, { batch, since }: ReportFlags): ReportData {
  const now = Date.now()
  const extras = { now, learning: learningOfReport(db, config) }
  if (batch === undefined) return periodReport(db, now - since, now, extras)
  if (!batchById(db, batch)) {
    throw new OddlineError('CONFIG_INVALID', `There is no batch ${batch}. \`oddline status\` lists the last ones.`)
  }
  return batchReport(db, batch, extras)
}

function rendered(data: ReportData, format: ReportFlags['format']): string {
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  return format === 'md' ? reportMarkdown(data) : reportHtml(data)
}

function write(text: string, file: string | undefined): void {
  if (!file) {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new OddlineError('OUTPUT_FAILED', `The report cannot be written to ${file}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

const UNIT = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

function ageMs(text: string): number {
  const age = /^(\d{1,6})([mhd])$/.exec(text)
  if (!age) throw new InvalidArgumentError('It must be a number and m, h or d, such as 24h.')
  return Number(age[1]) * UNIT[age[2] as keyof typeof UNIT]
}
