import { Command } from 'commander'
import type { Config } from '../../config/schema.ts'
import type { RecordBlock } from '../../core/block.ts'
import { OddlineError } from '../../core/errors.ts'
import { explainBlock } from '../../detectors/rules/explain-line.ts'
import { loadRules } from '../../detectors/rules/load.ts'
import { ruleDirectories } from '../../detectors/rules/rule-files.ts'
import { runSelfTests } from '../../detectors/rules/selftest/run.ts'
import { createParser } from '../../parsing/parser.ts'
import { sniff } from '../../parsing/sniff.ts'
import { EXIT } from './exit-codes.ts'
import { configOf, withConfigFlags } from './options.ts'
import { safe } from './text.ts'

/** `oddline rules list | test | explain <line>`: looks at rules without touching any state. */
export function rulesCommand(): Command {
  const command = new Command('rules').description(
    'look at detection rules, test them, and ask what they say of a line',
  )
  const list = withRules(command.command('list').description('every rule with its level'))
  list.action((options: Options) => listRules(settingsOf(list, options), options))
  const test = withRules(command.command('test').description('run the tests that rules carry'))
  test.action((options: Options) => testRules(settingsOf(test, options), options))
  const explain = withRules(command.command('explain <line>').description('which rules match a log line, and why'))
  explain.action((line: string, options: Options) => explainMatches(line, settingsOf(explain, options), options))
  return command
}

interface Options {
  readonly rules?: string[]
  readonly json?: boolean
}

type Settings = Config['detection']['rules']

function withRules(command: Command): Command {
  return withConfigFlags(command)
    .option('-r, --rules <path...>', 'directories or files of rules instead of those of the configuration')
    .option('--json', 'one JSON object a line')
}

function settingsOf(command: Command, { rules }: Options): Settings {
  const configured = configOf(command).detection.rules
  return rules === undefined ? configured : { ...configured, shipped: false, dirs: rules }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function listRules(settings: Settings, { json }: Options): void {
  const set = loadRules(ruleDirectories(settings))
  for (const rule of [...set.rules, ...set.correlations]) {
    const { id, title, kind, techniques, origin } = rule
    const { enabled = true, level = rule.level } = settings.overrides[id] ?? {}
    if (json) print(JSON.stringify({ id, title, level, enabled, kind, techniques, origin }))
    else
      print(`${(enabled ? level : 'disabled').padEnd(13)} ${kind.padEnd(11)} ${safe(title)}  ${techniques.join(' ')}`)
  }
  if (!json) print(`${set.rules.length} rules, ${set.correlations.length} correlations, ${set.filters.length} filters`)
}

function testRules(settings: Settings, { json }: Options): void {
  const report = runSelfTests(loadRules(ruleDirectories(settings)))
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

function explainMatches(line: string, settings: Settings, { json }: Options): void {
  const found = explainLine(settings, line)
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
function explainLine(settings: Settings, line: string) {
  const bytes = Buffer.from(`${line}\n`, 'utf8')
  const sniffed = sniff(bytes, 'line')
  const { events, rejects } = createParser().parse(oneRecord(bytes), sniffed)
  if (events.count === 0) {
    const reason = rejects[0]?.reason ?? 'it holds nothing'
    throw new OddlineError('INPUT_UNREADABLE', `the line cannot be read: ${reason}`)
  }
  return explainBlock(loadRules(ruleDirectories(settings)), events, settings)[0]
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
