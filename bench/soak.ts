import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { freePort } from '../test/support/servers/free-port.ts'
import { Logs } from './soak/logs.ts'
import { type Arrivals, startReceivers } from './soak/receivers.ts'
import { growthOf, type Sample, sampleOf } from './soak/samples.ts'
import { report } from './support/report.ts'

/**
 * Whether the program can run for ever: `run --watch --api` over logs that grow at a steady rate and are rotated, with four
 * sinks and small limits of retention. Then memory, descriptors, database and results do not grow, and each attack has
 * arrived once at each receiver.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    rate: { type: 'string', default: '2000' },
    files: { type: 'string', default: '50' },
    'limit-mb': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
})
const [minutes, rate, files] = [Number(values.minutes), Number(values.rate), Number(values.files)]
const SAMPLE_MS = 10_000
const LONGEST_REST_MS = 180_000
const MAIN = join(import.meta.dirname, '../src/main.js')

const dir = mkdtempSync(join(tmpdir(), 'oddline-soak-'))
const receivers = await startReceivers()
let child: ChildProcess | undefined
try {
  mkdirSync(join(dir, 'logs'))
  const port = await freePort()
  const home = `http://127.0.0.1:${port}`
  child = start(port)
  const began = performance.now()
  const logs = new Logs({ dir: join(dir, 'logs'), files, rate, seed: Number(values.seed) })
  const samples: Sample[] = []
  const writing = logs.write(minutes * 60_000)
  const written = writing.then(() => true)
  for (let next = SAMPLE_MS; !(await Promise.race([written, pause(began + next - performance.now(), false)])); ) {
    const sample = sampleOf(child.pid as number, dir, began)
    samples.push(sample)
    console.log(JSON.stringify(sample))
    next += SAMPLE_MS
  }
  const { read, undelivered, deadLetters, restSeconds } = await rest(home, logs.lines)
  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number | null]

  const counts = Object.values(receivers.arrivals).map((arrivals) => accountOf(arrivals, logs.attacks))
  report(
    'soak',
    {
      minutes,
      rate,
      files,
      rotations: logs.rotations,
      lines: logs.lines,
      attacks: logs.attacks,
      slack_messages: receivers.slack.said.length,
      ...growthOf(samples),
      retention_set_in_s: samples.find(({ removed }) => removed > 0)?.seconds ?? -1,
      catching_up_s: restSeconds,
      undelivered,
      dead_letters: deadLetters,
      lines_lost: Math.max(0, logs.lines - read),
      lines_doubled: Math.max(0, read - logs.lines),
      lost: counts.reduce((sum, { lost }) => sum + lost, 0),
      doubled: counts.reduce((sum, { doubled }) => sum + doubled, 0),
      exit_code: code ?? -1,
    },
    {},
    {
      rss_mb_growth: { max: 0.1 },
      descriptors_growth: { max: 0.1 },
      database_mb_growth: { max: 0.1 },
      output_mb_growth: { max: 0.1 },
      retention_set_in_s: { min: 1, max: (minutes * 60) / 3 },
      undelivered: { max: 0 },
      dead_letters: { max: 0 },
      lines_lost: { max: 0 },
      lines_doubled: { max: 0 },
      lost: { max: 0 },
      doubled: { max: 0 },
      slack_messages: { min: 1 },
      exit_code: { max: 0, min: 0 },
    },
  )
} finally {
  child?.kill('SIGKILL')
  await receivers.close()
  rmSync(dir, { recursive: true, force: true })
}

function start(port: number): ChildProcess {
  const limit = `${values['limit-mb']}MB`
  const config = {
    logs: { dir: join(dir, 'logs'), settle_seconds: 2 },
    output: { dir: join(dir, 'out') },
    state: { dir: join(dir, 'state') },
    retention: { max_database: limit, max_output: limit },
    schedule: { watch_max_wait_seconds: 5, watch_min_interval_seconds: 5, interval_seconds: 30 },
    detection: { warmup_logs: 20_000, training_events: 100_000 },
    incidents: { gap: '1m', resolve_after: '1m' },
    api: { port },
    log: { level: 'warn' },
    sinks: receivers.config,
  }
  writeFileSync(join(dir, 'oddline.yaml'), stringify(config))
  const args = ['run', '--watch', '--api', '--config', join(dir, 'oddline.yaml')]
  return spawn(process.execPath, [MAIN, ...args], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Waits until every line is read and everything is delivered, and says what is not. */
async function rest(home: string, lines: number) {
  const began = performance.now()
  for (;;) {
    const text = await (await fetch(`${home}/metrics`)).text()
    const sum = (name: string) =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))].reduce((n, [, one]) => n + Number(one), 0)
    const told = {
      read: sum('oddline_lines_total'),
      undelivered: sum('oddline_outbox_pending'),
      deadLetters: sum('oddline_dead_letters'),
      restSeconds: Math.round((performance.now() - began) / 1000),
    }
    if ((told.read >= lines && told.undelivered === 0) || told.restSeconds * 1000 > LONGEST_REST_MS) return told
    await pause(1000)
  }
}

function accountOf(arrivals: Arrivals, attacks: number): { readonly lost: number; readonly doubled: number } {
  return { lost: attacks - arrivals.size, doubled: [...arrivals.values()].filter((count) => count > 1).length }
}
