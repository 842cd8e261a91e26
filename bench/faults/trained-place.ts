import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ordinaryLines, SQLI } from '../../test/support/access-lines.ts'
import { measure } from '../support/measure.ts'
import { merged, type Outcome } from './scenario.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MAIN = join(import.meta.dirname, '../../src/main.js')
const ORDINARY = 5
const NEW_LINES = ORDINARY + 1
const TOO_LONG_MS = 120_000
const CONFIG = 'detection: { warmup_logs: 1000, training_events: 20000 }\n'

/** Damages the state in the directory. */
export type Damage = (stateDir: string) => void

/**
 * Tries each kind of damage on a copy of a trained state. The next two runs have to end well, read exactly the new lines
 * and find the attack among them; the first has to say what is damaged.
 * @param told what the log has to say of it; undefined if the damage costs nothing
 */
export async function tryDamages(
  dir: string,
  damages: Readonly<Record<string, Damage>>,
  told: RegExp | undefined,
): Promise<Outcome> {
  const trained = await trainedPlace(join(dir, '../trained'))
  const failures: string[] = []
  const figures = []
  for (const [name, damage] of Object.entries(damages)) {
    const place = join(dir, 'place')
    cpSync(trained, place, { recursive: true })
    damage(join(place, 'state'))
    for (const run of ['first', 'second']) {
      const { said, failure, peakMb } = await runOnce(place)
      figures.push({ ok: true, detail: '', figures: { peak_mb: peakMb } })
      if (failure !== undefined) failures.push(`${name}, ${run} run: ${failure}`)
      else if (run === 'first' && told && !told.test(said)) failures.push(`${name}: not told: ${said || 'nothing'}`)
    }
    rmSync(place, { recursive: true })
  }
  const count = Object.keys(damages).length
  const detail = failures.length === 0 ? `${count} kinds of damage` : failures.join('\n')
  return { ok: failures.length === 0, detail, figures: { ...merged(figures), damages: count } }
}

/** Logs and a state whose models are in force; made once. */
async function trainedPlace(place: string): Promise<string> {
  if (existsSync(place)) return place
  mkdirSync(join(place, 'logs'), { recursive: true })
  writeFileSync(join(place, 'oddline.yaml'), CONFIG)
  cpSync(join(ROOT, 'config/examples/logs/access.log'), join(place, 'logs/access.log'))
  for (let run = 0; run < 2; run++) {
    appendFileSync(join(place, 'logs/access.log'), ordinaryLines(ORDINARY))
    const { code } = await once(place)
    if (code !== 0) throw new Error(`The run that trains ended with ${code}.`)
  }
  return place
}

/** Appends lines with an attack among them and reads them in one batch. */
async function runOnce(place: string) {
  appendFileSync(join(place, 'logs/access.log'), `${ordinaryLines(ORDINARY)}${SQLI}\n`)
  const { code, stdout, stderr, peakBytes } = await once(place)
  return { said: warningsOf(stderr), failure: failureOf(code, stdout, stderr), peakMb: Math.round(peakBytes / 1e6) }
}

function once(place: string) {
  const places = ['logs', 'state', 'output'].map((name) => [`--${name.replace(/s$/, '')}-dir`, join(place, name)])
  const flags = ['--json', '--config', join(place, 'oddline.yaml'), ...places.flat()]
  return measure(process.execPath, [MAIN, 'run', '--once', ...flags], {}, TOO_LONG_MS)
}

function failureOf(code: number | null, stdout: string, stderr: string): string | undefined {
  if (code !== 0) return `ended with ${code ?? 'SIGKILL'}: ${stderr.slice(-500)}`
  const { lines, parsed, findings } = JSON.parse(stdout) as {
    readonly lines: number
    readonly parsed: number
    readonly findings: { readonly by_detector: { readonly rules?: number } }
  }
  if (lines !== NEW_LINES || parsed !== NEW_LINES) return `${lines} lines read, ${parsed} parsed, ${NEW_LINES} written`
  return findings.by_detector.rules === 1 ? undefined : `${findings.by_detector.rules ?? 0} of 1 attacks found by rules`
}

function warningsOf(stderr: string): string {
  const isWarning = (line: string) => /^\{"level":[45]0,/.test(line)
  return stderr.split('\n').filter(isWarning).join('\n')
}
