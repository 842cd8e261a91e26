import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { merged, type Outcome, type Scenario } from './faults/scenario.ts'
import { scenarios } from './faults/scenarios.ts'
import { bytesIn } from './support/disk.ts'
import { report } from './support/report.ts'

/**
 * Whether anything brings the program down, loses a line or reads one twice: damaged state and models, stops and kills,
 * what happens to log files, storage that fails, small disks, hostile requests and floods of hostile lines.
 *
 * `--only NAME` runs the scenarios whose name contains NAME; it can be given several times.
 */
const { only = [] } = parseArgs({ options: { only: { type: 'string', multiple: true } } }).values
const seed = numberOf('ODDLINE_SEED', Date.now() % 2 ** 31)
const TARGETS = {
  failed: { max: 0 },
  sequences: { min: 5_000 },
  process_kills: { min: 500 },
  kill_points_missed: { max: 0 },
  server_lines: { min: 500_000 },
  holed_files: { min: 1_000 },
  duplicates: { max: 0 },
  losses: { max: 0 },
  inconsistent: { max: 0 },
  storage_faults_mistold: { max: 0 },
  flood_lines_unaccounted: { max: 0 },
  floods_failed: { max: 0 },
  peak_mb: { max: 800 },
  disk_mb: { max: 200 },
  stops_failed: { max: 0 },
  api_faults: { max: 0 },
}

const all = scenarios({
  seed,
  sequences: numberOf('ODDLINE_SEQUENCES', 5_000),
  kills: numberOf('ODDLINE_KILLS', 500),
  requests: numberOf('ODDLINE_REQUESTS', 500_000),
  holedFiles: numberOf('ODDLINE_HOLED_FILES', 1_000),
  flood: numberOf('ODDLINE_FLOOD', 5_000_000),
  stops: numberOf('ODDLINE_STOPS', 50),
  hostileRequests: numberOf('ODDLINE_HOSTILE_REQUESTS', 20_000),
})
const chosen = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
if (chosen.length === 0) {
  process.stderr.write(`No scenario has such a name. There are:\n${all.map(({ name }) => `  ${name}\n`).join('')}`)
  process.exit(2)
}

console.log(`Seed ${seed}`)
const base = mkdtempSync(join(tmpdir(), 'oddline-faults-'))
const outcomes: Outcome[] = []
try {
  for (const scenario of chosen) outcomes.push(await play(scenario))
} finally {
  rmSync(base, { recursive: true, force: true })
}
const figures: Record<string, number> = {
  scenarios: outcomes.length,
  failed: outcomes.filter(({ ok }) => !ok).length,
  ...merged(outcomes),
}
const targets = Object.entries(TARGETS).filter(([name]) => only.length === 0 || name in figures)
report('faults', figures, {}, Object.fromEntries(targets))

/** Runs a scenario in a directory of its own, and prints a line about it. */
async function play({ name, run }: Scenario): Promise<Outcome> {
  const dir = join(base, name.replaceAll(/\W+/g, '-'))
  mkdirSync(dir)
  const began = performance.now()
  const outcome = await run(dir).catch((error) => ({ ok: false, detail: String(error.stack ?? error) }) as Outcome)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const left = { disk_mb: bytesIn(dir) / 1e6, ...outcome.figures }
  rmSync(dir, { recursive: true, force: true })
  console.log(`${outcome.ok ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s: ${outcome.detail}`)
  return { ...outcome, figures: left }
}

function numberOf(name: string, otherwise: number): number {
  return Number(process.env[name] ?? otherwise)
}
