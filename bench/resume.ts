import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { seeded } from '../src/core/random.ts'
import { generate } from '../test/support/generate/generate.ts'
import { measure } from './support/measure.ts'
import { report } from './support/report.ts'

/**
 * A run that is killed (SIGKILL) at random moments and started again must end with what an undisturbed run finds: each
 * line counted once, the same findings in the same order. The warmup ends and the forest is trained within the run.
 */
const LINES = 200_000
const KILLS = 20

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const random = seeded(seed)
const dir = mkdtempSync(join(tmpdir(), 'oddline-resume-'))
const main = join(import.meta.dirname, '../src/main.js')
const logs = join(dir, 'logs')

function args(name: string): string[] {
  return [
    main,
    'run',
    '--once',
    '--json',
    '--log-dir',
    logs,
    '--state-dir',
    join(dir, name),
    '--output-dir',
    join(dir, `${name}-out`),
  ]
}

interface Outcome {
  readonly lines: number
  readonly parsed: number
  readonly batches: number
  readonly findings: readonly string[]
}

function outcomeOf(name: string): Outcome {
  const out = join(dir, `${name}-out`)
  const folders = readdirSync(out)
    .filter((folder) => !folder.startsWith('.'))
    .sort()
  const summaries = folders.map((folder) => JSON.parse(readFileSync(join(out, folder, 'summary.json'), 'utf8')))
  const findings = folders.flatMap((folder) =>
    readFileSync(join(out, folder, 'findings.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean),
  )
  const sum = (key: 'lines' | 'parsed') => summaries.reduce((total, summary) => total + summary[key], 0)
  return { lines: sum('lines'), parsed: sum('parsed'), batches: folders.length, findings }
}

try {
  mkdirSync(logs)
  generate(join(logs, 'access.log'), { lines: LINES, seed: 1, format: 'combined' })
  const undisturbed = await measure(process.execPath, args('whole'))
  const whole = outcomeOf('whole')
  let kills = 0
  while (kills < KILLS) {
    const child = spawn(process.execPath, args('killed'), { stdio: 'ignore' })
    const ended = once(child, 'exit')
    const moment = after(200 + random() * Math.min(2500, undisturbed.seconds * 500), 'kill', { ref: false })
    if ((await Promise.race([ended, moment])) !== 'kill') break
    child.kill('SIGKILL')
    await ended
    kills++
  }
  await measure(process.execPath, args('killed'))
  const killed = outcomeOf('killed')
  const differing = killed.findings.filter((finding, i) => finding !== whole.findings[i]).length
  process.stderr.write(
    `Seed ${seed}: ${kills} kills, ${killed.batches} batch(es), ${killed.findings.length} findings\n`,
  )
  report(
    'resume',
    {
      kills,
      lines_in: LINES,
      lines_counted: killed.lines,
      findings_undisturbed: whole.findings.length,
      findings_after_kills: killed.findings.length,
      findings_differing: differing + Math.abs(killed.findings.length - whole.findings.length),
    },
    {},
    {
      kills: { min: KILLS },
      lines_counted: { min: LINES, max: LINES },
      findings_differing: { max: 0 },
    },
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}
