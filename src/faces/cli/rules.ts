import { Command } from 'commander'
import type { RecordBlock } from '../../core/block.ts'
import { OddlineError } from '../../core/errors.ts'
import { explainBlock } from '../../detectors/rules/explain-line.ts'
import { loadRules, type RuleSet } from '../../detectors/rules/load.ts'
import { runSelfTests } from '../../detectors/rules/selftest/run.ts'
import { createParser } from '../../parsing/parser.ts'
import { sniff } from '../../parsing/sniff.ts'
import { EXIT } from './exit-codes.ts'
import { safe } from './text.ts'

const DEFAULT_RULES = 'config/rules'

/** `oddline rules list | test | explain <line>`: looks at rules without touching any state. */
export function rulesCommand(): Command {
  const command = new Command('rules').description(
    'look at detection rules, test them, and ask what they say of a line',
  )
  withRules(command.command('list').description('every rule with its level')).action((options: Options) =>
    list(options),
  )
  withRules(command.command('test').description('run the tests that rules carry')).action((options: Options) =>
    test(options),
  )
  withRules(command.command('explain <line>').description('which rules match a log line, and why')).action(
    (line: string, options: Options) => explain(line, options),
  )
  return command
}

interface Options {
  readonly rules: string[]
  readonly json?: boolean
}

function withRules(command: Command): Command {
  return command
    .option('-r, --rules <path...>', 'directories or files of rules', [DEFAULT_RULES])
    .option('--json', 'one JSON object a line')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function list({ rules, json }: Options): void {
  const set = loadRules(rules)
  for (const rule of [...set.rules, ...set.correlations]) {
    const { id, title, level, kind, techniques, origin } = rule
    if (json) print(JSON.stringify({ id, title, level, kind, techniques, origin }))
    else print(`${level.padEnd(13)} ${kind.padEnd(11)} ${safe(title)}  ${techniques.join(' ')}`)
  }
  if (!json) print(`${set.rules.length} rules, ${set.correlations.length} correlations, ${set.filters.length} filters`)
}

function test({ rules, json }: Options): void {
  const report = runSelfTests(loadRules(rules))
  if (json) print(JSON.stringify(report))
  else {
    for (const { expected, title, origin, test: text } of report.failures) {
      const what = { match: 'did not fire on', quiet: 'fired on', invalid: 'cannot read the test' }[expected]
      print(`${safe(title)} (${safe(origin)}) ${what} ${safe(text)}`)
    }
    for (const title of report.untested) print(`${safe(title)} has no test of its own`)
    print(`${report.run} tests, ${report.failures.length} failed`)
  }
  if (report.failures.length > 0) process.exitCode = EXIT.unexpected
}

function explain(line: string, { rules, json }: Options): void {
  const found = explainLine(loadRules(rules), line)
  for (const match of found) {
    if (json) print(JSON.stringify(match))
    else
      print(
        `${match.level.padEnd(13)} ${safe(match.title)} [${match.id}]\n    ${safe(match.field)}: ${safe(match.matched)}`,
      )
  }
  if (found.length === 0 && !json) print('No rule matches this line.')
}

/** Throws an OddlineError INPUT_UNREADABLE if the line is in no format that is known. */
function explainLine(rules: RuleSet, line: string) {
  const bytes = Buffer.from(`${line}\n`, 'utf8')
  const sniffed = sniff(bytes, 'line')
  const { events, rejects } = createParser().parse(oneRecord(bytes), sniffed)
  if (events.count === 0) {
    const reason = rejects[0]?.reason ?? 'it holds nothing'
    throw new OddlineError('INPUT_UNREADABLE', `the line cannot be read: ${reason}`)
  }
  return explainBlock(rules, events)[0]
}

function oneRecord(bytes: Buffer): RecordBlock {
  return {
    source: { id: 0, path: 'line', modifiedAt: Date.now() },
    bytes,
    count: 1,
    starts: Uint32Array.of(0),
    ends: Uint32Array.of(bytes.length - 1),
    flags: Uint8Array.of(0),
    lines: Uint32Array.of(1),
    offsets: Float64Array.of(0),
    endOffset: bytes.length,
  }
}
