import { Command } from 'commander'
import type { Config } from '../../../config/schema.ts'
import { loadRules, type RuleSet } from '../../../detectors/rules/loading/load.ts'
import { ruleDirectories } from '../../../detectors/rules/loading/rule-files.ts'
import { runSelfTests } from '../../../detectors/rules/selftest/run.ts'
import { hasState, readState } from '../../../queries/state.ts'
import { verdictsByRule } from '../../../queries/verdicts.ts'
import { visible } from '../../visible.ts'
import { EXIT } from '../exit-codes.ts'
import { configOf, withConfigFlags } from '../options.ts'
import { explainLine } from './rules-explain.ts'

/** `oddline rules list | test | explain <line>`: reads rules and changes no state. */
export function rulesCommand(): Command {
  const command = new Command('rules').description(
    'look at detection rules, test them, and ask what they say of a line',
  )
  const list = withRules(
    command.command('list').description('every rule with its level, id, findings and false alarms'),
  )
  list.action((options: Options) => listRules(configOf(list), options))
  const test = withRules(command.command('test').description('run the tests that rules carry'))
  test.action((options: Options) => testRules(settingsOf(configOf(test), options), options))
  const explain = withRules(
    command.command('explain <line>').description('which rules match a log line or a request (/path?a=b), and why'),
  )
  explain.action((line: string, options: Options) => explainMatches(line, configOf(explain), options))
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

function settingsOf(config: Config, { rules }: Options): Settings {
  const configured = config.detection.rules
  return rules === undefined ? configured : { ...configured, shipped: false, dirs: rules }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function listRules(config: Config, options: Options): void {
  const settings = settingsOf(config, options)
  const set = loadRules(ruleDirectories(settings), settings)
  const counts = countsOf(config.state.dir)
  for (const rule of [...set.rules, ...set.correlations, ...set.waiting]) {
    const { id, title, kind, techniques, origin } = rule
    const { enabled = true, level = rule.level } = settings.overrides[id] ?? {}
    const waits_for = rule.kind === 'rule' ? rule.unfilled : []
    const { findings, verdicts } = counts.get(id) ?? { findings: 0, verdicts: { false_positive: 0 } }
    const said = { findings, false_positives: verdicts.false_positive }
    if (options.json) {
      print(JSON.stringify({ id, title, level, enabled, kind, techniques, origin, waits_for, ...said }))
      continue
    }
    const state = enabled ? (waits_for.length > 0 ? 'waiting' : level) : 'disabled'
    const notes = [
      ...(waits_for.length > 0 ? [`needs rules.placeholders: ${waits_for.join(', ')}`] : []),
      ...(findings > 0 ? [`${findings} ${findings === 1 ? 'finding' : 'findings'}`] : []),
      ...(said.false_positives > 0 ? [`${said.false_positives} false`] : []),
    ]
    const note = notes.length > 0 ? ` (${visible(notes.join(', '))})` : ''
    print(`${state.padEnd(13)} ${visible(id).padEnd(36)}  ${visible(title)}${note}`)
  }
  for (const id of strangers(settings, set)) {
    process.stderr.write(`The configuration names ${visible(id)}, which is no rule's id: that setting does nothing.\n`)
  }
  if (options.json) return
  const waiting = set.waiting.length > 0 ? `, ${set.waiting.length} waiting for values` : ''
  print(`${set.rules.length} rules, ${set.correlations.length} correlations, ${set.filters.length} filters${waiting}`)
}

/** Ids in overrides and allow-lists that no rule has. */
function strangers({ overrides, allow }: Settings, set: RuleSet): readonly string[] {
  const known = new Set([...set.rules, ...set.correlations, ...set.waiting].map(({ id }) => id))
  const named = [...Object.keys(overrides), ...allow.flatMap(({ rules = [] }) => rules)]
  return [...new Set(named)].filter((id) => !known.has(id))
}

/** Findings and verdicts by rule; empty if nothing has run on this state. */
function countsOf(dir: string): ReadonlyMap<string, ReturnType<typeof verdictsByRule>[number]> {
  if (!hasState(dir)) return new Map()
  return readState(dir, (db) => new Map(verdictsByRule(db).map((one) => [one.rule, one])))
}

function testRules(settings: Settings, { json }: Options): void {
  const report = runSelfTests(loadRules(ruleDirectories(settings), settings))
  if (json) print(JSON.stringify(report))
  else {
    for (const { expected, title, origin, test: text } of report.failures) {
      const what = { match: 'did not fire on', quiet: 'fired on', invalid: 'cannot read the test' }[expected]
      print(`${visible(title)} (${visible(origin)}) ${what} ${visible(text)}`)
    }
    for (const title of report.untested) print(`${visible(title)} has no test of its own`)
    print(`${report.run} tests, ${report.failures.length} failed`)
  }
  if (report.failures.length > 0) process.exitCode = EXIT.unexpected
}

function explainMatches(line: string, config: Config, options: Options): void {
  const { matches, counted } = explainLine(settingsOf(config, options), line)
  if (options.json) {
    for (const match of matches) print(JSON.stringify(match))
    for (const { rule, towards } of counted)
      print(JSON.stringify({ id: rule.id, title: rule.title, counted_by: towards }))
    return
  }
  for (const { level, title, id, field, matched } of matches) {
    print(`${level.padEnd(13)} ${visible(title)} [${visible(id)}]\n    ${visible(field)}: ${visible(matched)}`)
  }
  for (const { rule, towards } of counted) {
    print(`counted       ${visible(rule.title)} [${visible(rule.id)}]\n    towards: ${visible(towards.join('; '))}`)
  }
  if (matches.length + counted.length === 0) print('No rule matches this line.')
}
