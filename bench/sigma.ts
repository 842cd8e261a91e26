import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from '../src/core/random.ts'
import { compileExpression } from '../src/detectors/rules/sigma/evaluate.ts'
import { parseSigma } from '../src/detectors/rules/sigma/parse.ts'
import { dataFile } from './support/data.ts'
import { report } from './support/report.ts'
import { eventsFor, type GeneratedCase, WHOLE_MESSAGE } from './support/sigma-events.ts'

/**
 * Whether the engine reads what Sigma's own projects wrote, and judges events as pySigma's SQLite backend does. Rules
 * that the peer cannot convert are counted apart; every disagreement is printed.
 */
const work = mkdtempSync(join(tmpdir(), 'oddline-sigma-'))
execFileSync('tar', ['xzf', dataFile('sigma', 'sigmahq-rules.tar.gz'), '-C', work])
const rules = yamlFiles(work)
const examples = yamlFiles(dataFile('sigma', 'schema-examples'))
const figures: Record<string, number> = {
  rules: rules.length,
  rules_compiled: compiled(rules) / rules.length,
  schema_examples_compiled: compiled(examples) / examples.length,
}
const peers: Record<string, number> = {}
compare()
report('sigma', figures, peers, {
  rules_compiled: { min: 1 },
  schema_examples_compiled: { min: 1 },
  events_agreeing: { min: 1 },
})

function yamlFiles(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return entries
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(directory, name))
    .sort()
}

function compiled(files: readonly string[]): number {
  let good = 0
  for (const file of files) {
    try {
      parseSigma(readFileSync(file, 'utf8'), file)
      good++
    } catch (error) {
      console.log(`refused\t${(error as Error).message}`)
    }
  }
  return good
}

function compare(): void {
  const python = peerPython()
  if (!python) {
    console.log('skipped: pySigma could not be installed, so no independent implementation judged the events')
    return
  }
  const random = seeded(5)
  const cases = rules.flatMap((path) => {
    const made = eventsFor(readFileSync(path, 'utf8'), random)
    return made ? [{ path, ...made }] : []
  })
  const input = JSON.stringify(cases)
  const script = join('bench', 'support', 'sigma-peer.py')
  const output = execFileSync(python, [script], { input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'] })
  const verdicts = output
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as number[] | null)
  let events = 0
  let agreeing = 0
  let matched = 0
  let absentLeftOut = 0
  for (const [i, theirs] of verdicts.entries()) {
    if (!theirs) continue
    absentLeftOut += cases[i].absentLeftOut
    const ours = new Set(matchesOf(cases[i]))
    for (const [n, event] of cases[i].events.entries()) {
      events++
      if (ours.has(n)) matched++
      if (ours.has(n) === theirs.includes(n)) agreeing++
      else console.log(`differs\t${cases[i].path}\tours ${ours.has(n)}\t${JSON.stringify(event).slice(0, 400)}`)
    }
  }
  console.log(
    `left out\t${absentLeftOut} absent values of fields that a rule compares with '' or '-': "The application of these ` +
      `values depends on the target SIEM system." (Sigma specification, Special Field Values)`,
  )
  Object.assign(figures, {
    rules_compared: verdicts.filter((verdict) => verdict !== null).length,
    events_compared: events,
    events_matched: matched,
    events_agreeing: agreeing / events,
    absent_values_left_out: absentLeftOut,
  })
  peers.pysigma_rules_converted = verdicts.filter((verdict) => verdict !== null).length / verdicts.length
}

function matchesOf({ path, fields, events, placeholders }: GeneratedCase & { path: string }): number[] {
  const numbers = new Map(fields.map((field, number) => [field, number]))
  const resolve = (name: string) => (numbers.has(name) ? [numbers.get(name)!] : [])
  const predicates = parseSigma(readFileSync(path, 'utf8'), path, { placeholders }).flatMap((document) =>
    document.kind === 'rule' ? [compileExpression(document.expression, resolve)] : [],
  )
  return [...events.keys()].filter((i) => {
    const value = (field: number) => events[i][fields[field]]
    const view = {
      move: () => undefined,
      values: (field: number) => (value(field) === null ? [] : [value(field)]),
      block: undefined,
      index: 0,
      kept: () => undefined,
      ids: () => undefined,
      texts: () => (events[i][WHOLE_MESSAGE] ? [events[i][WHOLE_MESSAGE]] : []),
    }
    return predicates.some((predicate) => predicate(view))
  })
}

/** A Python with pySigma: that of ODDLINE_PYSIGMA, or one in a virtual environment made for this run. */
function peerPython(): string | undefined {
  const given = process.env.ODDLINE_PYSIGMA
  if (given && existsSync(given)) return given
  try {
    execFileSync('python3', ['-m', 'venv', join(work, 'venv')], { stdio: 'ignore' })
    const bin = join(work, 'venv', 'bin')
    execFileSync(join(bin, 'pip'), ['install', '-q', 'pysigma==2.0.1', 'pysigma-backend-sqlite==2.1.1'], {
      stdio: 'ignore',
    })
    return join(bin, 'python')
  } catch {
    return undefined
  }
}
