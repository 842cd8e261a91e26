import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from '../test/support/generate/generate.ts'
import { debian } from '../test/support/servers/debian.ts'
import { type Measured, measure, median } from './support/measure.ts'
import { report } from './support/report.ts'

/**
 * A million generated Combined lines through the whole program (rules and a trained forest), and through goaccess,
 * which only counts, in turn in the same run. Each is a whole process from start to exit.
 */
const LINES = Number(process.env.LINES ?? 1_000_000)
/** The forest is trained on the first lines of the same traffic. */
const WARMUP = 50_000
const ROUNDS = Number(process.env.ROUNDS ?? 3)

const dir = mkdtempSync(join(tmpdir(), 'oddline-throughput-'))
const main = join(import.meta.dirname, '../src/main.js')
const logs = join(dir, 'logs')
const warm = join(dir, 'warm')
const file = join(logs, 'access.log')

try {
  for (const folder of [logs, warm]) mkdirSync(folder)
  process.stderr.write(`Generating ${LINES} lines...\n`)
  generate(join(warm, 'access.log'), { lines: WARMUP, seed: 1, format: 'combined' })
  generate(file, { lines: LINES, seed: 1, format: 'combined' })
  const hasPeer = debian('goaccess')
  const models = join(dir, 'models')
  const config = join(dir, 'oddline.yaml')
  writeFileSync(config, 'detection: { weights: { transformer: 0 } }\n')
  const train = [
    '--config',
    config,
    '--warmup-logs',
    String(WARMUP),
    '--model-dir',
    models,
    '--state-dir',
    join(dir, 'warm-state'),
  ]
  await measure(process.execPath, [
    main,
    'run',
    '--once',
    '--log-dir',
    warm,
    '--output-dir',
    join(dir, 'out'),
    ...train,
  ])

  const ours: Measured[] = []
  const theirs: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const state = join(dir, `state-${round}`)
    const args = [
      'run',
      '--once',
      '--json',
      '--config',
      config,
      '--log-dir',
      logs,
      '--state-dir',
      state,
      '--model-dir',
      models,
    ]
    ours.push(await measure(process.execPath, [main, ...args, '--output-dir', join(dir, `out-${round}`)]))
    rmSync(state, { recursive: true })
    if (hasPeer)
      theirs.push(
        await measure('goaccess', [file, '--log-format=COMBINED', '--no-progress', '-o', join(dir, 'peer.json')]),
      )
    process.stderr.write(
      `Round ${round + 1}: ${rate(ours.at(-1)!)} lines/s; goaccess ${hasPeer ? rate(theirs.at(-1)!) : '-'}\n`,
    )
  }
  const summary = JSON.parse(ours[0].stdout) as { lines: number; phase: string; findings: { total: number } }
  if (summary.lines !== LINES) throw new Error(`${summary.lines} of ${LINES} lines were read`)
  const linesPerSecond = median(ours.map(rate))
  const peer = median(theirs.map(rate))
  report(
    'throughput',
    {
      lines_per_second: linesPerSecond,
      megabytes_per_second: Math.round((statSync(file).size / 1e6) * (linesPerSecond / LINES)),
      peak_memory_mb: Math.round(Math.max(...ours.map((run) => run.peakBytes)) / 1e6),
      findings: summary.findings.total,
      ...(hasPeer && { times_goaccess: Math.round((linesPerSecond / peer) * 100) / 100 }),
    },
    hasPeer ? { goaccess_lines_per_second: peer } : {},
    { times_goaccess: { min: 1 }, peak_memory_mb: { max: 400 } },
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function rate(run: Measured): number {
  return Math.round(LINES / run.seconds)
}
