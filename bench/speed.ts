import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debian } from './support/debian.ts'
import { type GeneratedFormat, generate } from './support/generate.ts'
import { type Measured, measure, median } from './support/measure.ts'
import { report, type Target } from './support/report.ts'

/**
 * The whole program, each time a process from start to exit, by what is in force and what it reads; goaccess, which only
 * counts, in turn with it. Beside the rate by the clock stands that by processor time, which other work on the machine
 * does not move. LINES, GROWTH and ROUNDS make it smaller.
 */
const LINES = Number(process.env.LINES ?? 1_000_000)
const GROWTH = Number(process.env.GROWTH ?? 10)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const WARMUP = Math.min(50_000, LINES)
const NEVER = '1000000000'
const FORMATS: readonly GeneratedFormat[] = ['combined', 'auth', 'json', 'csv']
const SUFFIX = { combined: 'log', auth: 'log', json: 'jsonl', csv: 'csv' } as const

const dir = mkdtempSync(join(tmpdir(), 'oddline-speed-'))
const main = join(import.meta.dirname, '../src/main.js')
const figures: Record<string, number> = {}
const peers: Record<string, number> = {}
let runs = 0

try {
  const models = await train()
  const plain = logs('combined', LINES)
  const hasPeer = debian('goaccess')
  const ensemble: Measured[] = []
  const goaccess: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ensemble.push(await run(plain, ['--model-dir', models.whole]))
    if (hasPeer) goaccess.push(await count(join(plain, 'access.log')))
  }
  rates('ensemble', ensemble, LINES)
  figures.ensemble_memory_mb = megabytes(ensemble)
  if (hasPeer) {
    peers.goaccess_lines_per_second = perSecond(goaccess, LINES)
    figures.ensemble_times_goaccess = hundredths(figures.ensemble_lines_per_second / peers.goaccess_lines_per_second)
  }
  await many('rules_forest', plain, ['--model-dir', models.forest], LINES)
  await many('rules_only', plain, ['--warmup-logs', NEVER], LINES)

  const gzip = join(dir, 'gzip')
  mkdirSync(gzip)
  spawnSync('sh', ['-c', `gzip -c "${plain}/access.log" > "${gzip}/access.log.gz"`])
  await many('gzip', gzip, ['--model-dir', models.forest], LINES)
  figures.gzip_to_plain = hundredths(figures.gzip_lines_per_second / figures.rules_forest_lines_per_second)
  for (const format of ['json', 'csv', 'auth'] as const) {
    await many(format, logs(format, LINES), ['--model-dir', models.forest], LINES)
  }

  const long = await run(logs('combined', LINES * GROWTH, 'long'), ['--model-dir', models.whole])
  figures.growth_time = hundredths(long.seconds / median(ensemble.map(({ seconds }) => seconds)))
  figures.growth_memory = hundredths(megabytes([long]) / figures.ensemble_memory_mb)

  mkdirSync(join(dir, 'empty'))
  const starts: Measured[] = []
  for (let round = 0; round < 5; round++) starts.push(await run(join(dir, 'empty'), []))
  figures.start_ms = Math.round(1000 * median(starts.map(({ seconds }) => seconds)))
  figures.start_cpu_ms = Math.round(1000 * median(starts.map(({ cpuSeconds }) => cpuSeconds)))
  report('speed', figures, peers, targets(hasPeer))
} finally {
  rmSync(dir, { recursive: true, force: true })
}

function targets(hasPeer: boolean): Record<string, Target> {
  return {
    ensemble_lines_per_second: { min: 300_000 },
    ...(hasPeer && { ensemble_times_goaccess: { min: 3 } }),
    rules_forest_lines_per_second: { min: 500_000 },
    rules_only_lines_per_second: { min: 1_000_000 },
    ensemble_memory_mb: { max: 450 },
    growth_time: { max: GROWTH * 1.05 },
    growth_memory: { max: 1.1 },
    json_lines_per_second: { min: 150_000 },
    csv_lines_per_second: { min: 150_000 },
    auth_lines_per_second: { min: 200_000 },
    gzip_to_plain: { min: 0.7 },
    start_ms: { max: 400 },
  }
}

/** Learns from the beginning of each log; the version before the last is the one without a transformer. */
async function train(): Promise<{ whole: string; forest: string }> {
  const warm = join(dir, 'warm')
  const [whole, forest] = [join(dir, 'models'), join(dir, 'models-forest')]
  mkdirSync(warm)
  for (const format of FORMATS) {
    const lines = format === 'combined' ? WARMUP : Math.ceil(WARMUP / 5)
    generate(join(warm, `${format}.${SUFFIX[format]}`), { lines, seed: 1, format })
  }
  await run(warm, ['--warmup-logs', String(WARMUP), '--model-dir', whole])
  cpSync(whole, forest, { recursive: true })
  const versions = readdirSync(forest).filter((name) => name.startsWith('v'))
  if (versions.length !== 2) throw new Error(`A forest and a transformer were expected, but there is ${versions}`)
  rmSync(join(forest, 'v2'), { recursive: true })
  writeFileSync(join(forest, 'current'), '1\n')
  return { whole, forest }
}

function logs(format: GeneratedFormat, lines: number, name: string = format): string {
  const folder = join(dir, name)
  mkdirSync(folder)
  generate(join(folder, `access.${SUFFIX[format]}`), { lines, seed: 1, format })
  return folder
}

async function run(folder: string, flags: readonly string[]): Promise<Measured> {
  const state = join(dir, `state-${runs}`)
  const output = join(dir, `out-${runs++}`)
  const places = ['--log-dir', folder, '--state-dir', state, '--output-dir', output]
  const measured = await measure(process.execPath, [main, 'run', '--once', '--json', ...places, ...flags])
  for (const place of [state, output]) rmSync(place, { recursive: true, force: true })
  return measured
}

async function many(name: string, folder: string, flags: readonly string[], lines: number): Promise<void> {
  const measured: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) measured.push(await run(folder, flags))
  rates(name, measured, lines)
}

function count(file: string): Promise<Measured> {
  return measure('goaccess', [file, '--log-format=COMBINED', '--no-progress', '-o', join(dir, 'peer.json')])
}

function rates(name: string, measured: readonly Measured[], lines: number): void {
  figures[`${name}_lines_per_second`] = perSecond(measured, lines)
  figures[`${name}_lines_per_cpu_second`] = Math.round(lines / median(measured.map(({ cpuSeconds }) => cpuSeconds)))
  process.stderr.write(`${name}: ${figures[`${name}_lines_per_second`]} lines/s\n`)
}

function perSecond(measured: readonly Measured[], lines: number): number {
  return Math.round(lines / median(measured.map(({ seconds }) => seconds)))
}

function megabytes(measured: readonly Measured[]): number {
  return Math.round(Math.max(...measured.map(({ peakBytes }) => peakBytes)) / 1e6)
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}
