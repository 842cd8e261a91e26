import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { generate } from '../test/support/generate/generate.ts'
import { freePort } from '../test/support/servers/free-port.ts'
import { measure, processorTime } from './support/measure.ts'
import { report } from './support/report.ts'

/**
 * One process, `oddline run --api`, in ensemble phase, asked by autocannon: first at rest, then while it runs a batch
 * beside: `/detect` with one line a request, `/detect/batch` with 100. The processor time of the process per request is
 * measured at rest, where nothing else is in it.
 */
const SECONDS = Number(process.env.SECONDS ?? 10)
const WARMUP = 50_000
const BATCH_LINES = Number(process.env.LINES ?? 3_000_000)
const CONNECTIONS = 16
const LINES_A_BATCH = 100

const dir = mkdtempSync(join(tmpdir(), 'oddline-api-'))
const main = join(import.meta.dirname, '../src/main.js')
let server: ChildProcess | undefined

try {
  const logs = join(dir, 'logs')
  const waiting = join(dir, 'waiting')
  for (const folder of [logs, waiting]) mkdirSync(folder)
  process.stderr.write('Generating logs and training the models...\n')
  generate(join(logs, 'access.log'), { lines: WARMUP + 1000, seed: 1, format: 'combined' })
  generate(join(waiting, 'more.log'), { lines: BATCH_LINES, seed: 2, format: 'combined' })
  const places = ['--log-dir', logs, '--state-dir', join(dir, 'state'), '--output-dir', join(dir, 'out')]
  const given = [...places, '--warmup-logs', String(WARMUP)]
  await measure(process.execPath, [main, 'run', '--once', ...given])

  const lines = readFileSync(join(logs, 'access.log'), 'utf8').split('\n').slice(0, 20_000)
  const singles = lines.map((line) => JSON.stringify({ log_line: line }))
  const hundreds = chunks(lines, LINES_A_BATCH)
  const port = await freePort()
  server = spawn(process.execPath, [main, 'run', '--api', '--interval', '86400', '--log-level', 'warn', ...given], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: dir,
    env: { ...process.env, API_RATE_LIMIT_PER_MINUTE: '0', API_PORT: String(port) },
  })
  const home = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${home}/health/ready`)).ok)
  // With the next batch, which has nothing to read, the new models come into force.
  await fetch(`${home}/run`, { method: 'POST' })
  const { phase, active_models: active } = await until(async () => {
    const health = (await (await fetch(`${home}/health`)).json()) as { phase: string; active_models: number }
    return health.phase === 'ensemble' && health
  })

  const atRest = await load(`${home}/detect`, singles)
  const manyAtRest = await load(`${home}/detect/batch`, hundreds)
  renameSync(join(waiting, 'more.log'), join(logs, 'more.log'))
  await fetch(`${home}/run`, { method: 'POST' })
  await until(async () => (await batchStatus(home)) === 'running')
  const detect = await load(`${home}/detect`, singles)
  const many = await load(`${home}/detect/batch`, hundreds)
  const beside = (await batchStatus(home)) === 'running'
  const all = [atRest, manyAtRest, detect, many]

  report(
    'api',
    {
      detect_requests_per_second: Math.round(detect.requests.average),
      detect_p50_ms: detect.latency.p50,
      detect_p99_ms: detect.latency.p99,
      batch_events_per_second: Math.round(many.requests.average * LINES_A_BATCH),
      batch_p99_ms: many.latency.p99,
      detect_at_rest_requests_per_second: Math.round(atRest.requests.average),
      detect_at_rest_p99_ms: atRest.latency.p99,
      detect_cpu_ms_per_request: round(atRest.cpuSeconds * 1000, atRest.requests.total),
      batch_at_rest_events_per_second: Math.round(manyAtRest.requests.average * LINES_A_BATCH),
      batch_cpu_us_per_event: round(manyAtRest.cpuSeconds * 1e6, manyAtRest.requests.total * LINES_A_BATCH),
      not_2xx: all.reduce((sum, { non2xx }) => sum + non2xx, 0),
      errors: all.reduce((sum, { errors }) => sum + errors, 0),
      active_models: active,
      in_ensemble: phase === 'ensemble' ? 1 : 0,
      batch_ran_beside_to_the_end: beside ? 1 : 0,
      load_average: round(loadavg()[0], 1),
    },
    { published_events_per_second: 500, published_p99_ms: 100 },
    {
      detect_requests_per_second: { min: 2000 },
      detect_p99_ms: { max: 20 },
      batch_events_per_second: { min: 20_000 },
      not_2xx: { max: 0 },
      errors: { max: 0 },
      in_ensemble: { min: 1 },
      batch_ran_beside_to_the_end: { min: 1 },
    },
  )
} finally {
  server?.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}

async function batchStatus(home: string): Promise<string | undefined> {
  const { items } = (await (await fetch(`${home}/batches?limit=1`)).json()) as { items: { status: string }[] }
  return items[0]?.status
}

function round(value: number, by: number): number {
  return Math.round((value / by) * 1000) / 1000
}

async function load(
  url: string,
  bodies: readonly string[],
): Promise<autocannon.Result & { readonly cpuSeconds: number }> {
  let next = 0
  const headers = { 'content-type': 'application/json' }
  const before = processorTime(server?.pid)
  const result = await autocannon({
    url,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: [
      { method: 'POST', headers, setupRequest: (request) => ({ ...request, body: bodies[next++ % bodies.length] }) },
    ],
  })
  return Object.assign(result, { cpuSeconds: processorTime(server?.pid) - before })
}

function chunks(lines: readonly string[], size: number): string[] {
  return Array.from({ length: Math.floor(lines.length / size) }, (_, i) =>
    JSON.stringify({ log_lines: lines.slice(i * size, (i + 1) * size) }),
  )
}

/** Waits for output of the server, for at most a minute. */
async function until<T>(ask: () => Promise<T | false>): Promise<T> {
  const end = Date.now() + 60_000
  for (;;) {
    if (server?.exitCode !== null) throw new Error('the server ended')
    const answer = await ask().catch(() => false as const)
    if (answer) return answer
    if (Date.now() > end) throw new Error('the server does not come to that')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
