import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedFormat } from '../test/support/generate/generate.ts'
import { debian } from '../test/support/servers/debian.ts'
import { crowdsec } from './support/crowdsec.ts'
import { type Measured, measure, median } from './support/measure.ts'
import { report, type Target } from './support/report.ts'
import { Yard } from './support/yard.ts'

/**
 * The whole program, each time a process from start to exit, by what is in force and what it reads; goaccess, which only
 * counts, and CrowdSec, which matches scenarios, in turn with it. Beside the rate by the clock stands that by processor
 * time, which other work on the machine does not move. LINES, GROWTH and ROUNDS make it smaller; PARTS names those parts
 * that are wanted, such as PARTS=ensemble,start. Trained models are held (`frozen`): what learning beside a running batch
 * costs is measured by `bench:warmup`.
 */
const LINES = Number(process.env.LINES ?? 1_000_000)
const GROWTH = Number(process.env.GROWTH ?? 10)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const WARMUP = Math.min(50_000, LINES)
/** Lines that CrowdSec is given: it needs minutes for as many as the others are. */
const SLICE = Math.min(10_000, LINES)
const HELD = 'detection: { frozen: true }'
const NO_TRANSFORMER = 'detection: { frozen: true, weights: { transformer: 0 } }'

const yard = new Yard('speed', WARMUP)
const figures: Record<string, number> = {}
const peers: Record<string, number> = {}
const targets: Record<string, Target> = {}

const PARTS = {
  async ensemble() {
    const plain = yard.logs('combined', LINES)
    const hasPeer = debian('goaccess')
    const ensemble: Measured[] = []
    const goaccess: Measured[] = []
    for (let round = 0; round < ROUNDS; round++) {
      ensemble.push(await yard.run(plain, await whole('combined')))
      if (hasPeer) goaccess.push(await count(join(plain, 'access.log')))
    }
    const rate = rates('ensemble', ensemble, LINES, 300_000)
    aim('ensemble_memory_mb', megabytes(ensemble), { max: 450 })
    if (hasPeer) {
      peers.goaccess_lines_per_second = perSecond(goaccess, LINES)
      aim('ensemble_times_goaccess', hundredths(rate / peers.goaccess_lines_per_second), { min: 3 })
    }
    await compareWithCrowdsec(rate)
  },
  async growth() {
    const short = await yard.run(yard.logs('combined', LINES), await whole('combined'))
    const long = await yard.run(yard.logs('combined', LINES * GROWTH, 'long'), await whole('combined'))
    aim('growth_time', hundredths(long.seconds / short.seconds), { max: GROWTH * 1.05 })
    figures.growth_cpu_time = hundredths(long.cpuSeconds / short.cpuSeconds)
    figures.growth_peak_mb = megabytes([long])
    aim('growth_memory', hundredths(long.peakBytes / short.peakBytes), { max: 1.1 })
  },
  async forest() {
    const plain = yard.logs('combined', LINES)
    const flags = await withoutTransformer('combined')
    const rate = await many('rules_forest', plain, flags, LINES, 500_000)
    const gzip = join(yard.dir, 'gzip')
    mkdirSync(gzip)
    spawnSync('sh', ['-c', `gzip -c "${plain}/access.log" > "${gzip}/access.log.gz"`])
    const zipped = await many('gzip', gzip, flags, LINES)
    aim('gzip_to_plain', hundredths(zipped / rate), { min: 0.7 })
  },
  /** By themselves, and while they watch for the models that are to come. */
  async rules() {
    const config = yard.configured('held', HELD)
    await many('rules_only', yard.logs('combined', LINES), ['--config', config], LINES, 1_000_000)
    await many('watching', yard.logs('combined', LINES), ['--warmup-logs', '1000000000'], LINES)
  },
  /** Security events by rules and forest, as `forest` does requests; then by all. */
  async formats() {
    const floors = { json: 150_000, csv: 150_000, auth: 200_000 } as const
    for (const format of ['json', 'csv', 'auth'] as const) {
      await many(format, yard.logs(format, LINES), await withoutTransformer(format), LINES, floors[format])
      await many(`${format}_ensemble`, yard.logs(format, LINES), await whole(format), LINES)
    }
  },
  async start() {
    mkdirSync(join(yard.dir, 'empty'))
    const starts: Measured[] = []
    for (let round = 0; round < 5; round++) starts.push(await yard.run(join(yard.dir, 'empty'), []))
    aim('start_ms', Math.round(1000 * median(starts.map(({ seconds }) => seconds))), { max: 400 })
    figures.start_cpu_ms = Math.round(1000 * median(starts.map(({ cpuSeconds }) => cpuSeconds)))
  },
} satisfies Record<string, () => Promise<void>>

try {
  const wanted = process.env.PARTS?.split(',') ?? Object.keys(PARTS)
  for (const name of wanted) {
    if (!(name in PARTS)) throw new Error(`There is no part ${name}; there are ${Object.keys(PARTS).join(', ')}`)
    await PARTS[name as keyof typeof PARTS]()
  }
  report('speed', figures, peers, targets)
} finally {
  yard.remove()
}

function aim(name: string, figure: number, target: Target): void {
  figures[name] = figure
  targets[name] = target
}

async function whole(format: GeneratedFormat): Promise<string[]> {
  return [...(await yard.trained(format)), '--config', yard.configured('held', HELD)]
}

async function withoutTransformer(format: GeneratedFormat): Promise<string[]> {
  return [...(await yard.trained(format)), '--config', yard.configured('forest', NO_TRANSFORMER)]
}

async function many(
  name: string,
  folder: string,
  flags: readonly string[],
  lines: number,
  floor?: number,
): Promise<number> {
  const measured: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) measured.push(await yard.run(folder, flags))
  return rates(name, measured, lines, floor)
}

function count(file: string): Promise<Measured> {
  return measure('goaccess', [file, '--log-format=COMBINED', '--no-progress', '-o', join(yard.dir, 'peer.json')])
}

/** With the scenarios that its package installs, over a slice, because it is slower by orders of magnitude. */
async function compareWithCrowdsec(ours: number): Promise<void> {
  const measured = await crowdsec(join(yard.dir, 'crowdsec'), join(yard.logs('combined', SLICE, 'slice'), 'access.log'))
  if (measured === undefined) {
    process.stderr.write('CrowdSec cannot be had; it is left out of the comparison.\n')
    return
  }
  peers.crowdsec_lines_per_second = perSecond([measured], SLICE)
  aim('ensemble_times_crowdsec', Math.round(ours / peers.crowdsec_lines_per_second), { min: 200 })
}

function rates(name: string, measured: readonly Measured[], lines: number, floor?: number): number {
  const rate = perSecond(measured, lines)
  figures[`${name}_lines_per_second`] = rate
  figures[`${name}_lines_per_cpu_second`] = Math.round(lines / median(measured.map(({ cpuSeconds }) => cpuSeconds)))
  if (floor !== undefined) targets[`${name}_lines_per_second`] = { min: floor }
  process.stderr.write(`${name}: ${rate} lines/s\n`)
  return rate
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
