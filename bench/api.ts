import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { generate } from './support/generate.ts'
import { measure } from './support/measure.ts'
import { report } from './support/report.ts'

/**
 * One process of `oddline serve`, in ensemble phase, asked by autocannon while a batch of another process runs on the
 * same machine: `/detect` with one line a request, `/detect/batch` with 100.
 */
const SECONDS = Number(process.env.SECONDS ?? 10)
const WARMUP = 50_000
const BATCH_LINES = Number(process.env.LINES ?? 3_000_000)
const CONNECTIONS = 16
const LINES_A_BATCH = 100

const dir = mkdtempSync(join(tmpdir(), 'oddline-api-'))
const main = join(import.meta.dirname, '../src/main.js')
const children: ChildProcess[] = []

try {
  const logs = join(dir, 'logs')
  const more = join(dir, 'more')
  for (const folder of [logs, more]) mkdirSync(folder)
  process.stderr.write('Generating logs and training the models...\n')
  generate(join(logs, 'access.log'), { lines: WARMUP + 1000, seed: 1, format: 'combined' })
  generate(join(more, 'access.log'), { lines: BATCH_LINES, seed: 2, format: 'combined' })
  const models = ['--model-dir', join(dir, 'models'), '--warmup-logs', String(WARMUP)]
  const state = ['--state-dir', join(dir, 'state'), ...models]
  await measure(process.execPath, [
    main,
    'run',
    '--once',
    '--log-dir',
    logs,
    '--output-dir',
    join(dir, 'out'),
    ...state,
  ])

  const lines = readFileSync(join(logs, 'access.log'), 'utf8').split('\n').slice(0, 20_000)
  const port = await freePort()
  const server = start(['serve', '--port', String(port), '--log-level', 'warn', ...state])
  const home = `http://127.0.0.1:${port}`
  await answering(home)
  const { phase, active_models: active } = (await (await fetch(`${home}/health`)).json()) as Record<string, unknown>

  const quiet = await load(`${home}/detect`, lines.map(single))
  const batch = start([
    'run',
    '--once',
    '--log-dir',
    more,
    '--output-dir',
    join(dir, 'out2'),
    '--state-dir',
    join(dir, 'state2'),
    ...models,
  ])
  const detect = await load(`${home}/detect`, lines.map(single))
  const many = await load(`${home}/detect/batch`, chunks(lines, LINES_A_BATCH))
  const beside = batch.exitCode === null
  if (server.exitCode !== null) throw new Error('the server ended')

  report(
    'api',
    {
      detect_requests_per_second: Math.round(detect.requests.average),
      detect_p50_ms: detect.latency.p50,
      detect_p99_ms: detect.latency.p99,
      batch_events_per_second: Math.round(many.requests.average * LINES_A_BATCH),
      batch_p99_ms: many.latency.p99,
      detect_alone_requests_per_second: Math.round(quiet.requests.average),
      detect_alone_p99_ms: quiet.latency.p99,
      not_2xx: quiet.non2xx + detect.non2xx + many.non2xx,
      errors: quiet.errors + detect.errors + many.errors,
      active_models: Number(active),
      in_ensemble: phase === 'ensemble' || phase === 'waiting' ? 1 : 0,
      batch_ran_beside_to_the_end: beside ? 1 : 0,
    },
    { published_events_per_second: 500, published_p99_ms: 100 },
    {
      detect_requests_per_second: { min: 2000 },
      detect_p99_ms: { max: 20 },
      batch_events_per_second: { min: 20_000 },
      not_2xx: { max: 0 },
      errors: { max: 0 },
      in_ensemble: { min: 1 },
    },
  )
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: dir,
    env: { ...process.env, API_RATE_LIMIT_PER_MINUTE: '0' },
  })
  children.push(child)
  return child
}

function load(url: string, bodies: readonly string[]): Promise<autocannon.Result> {
  let next = 0
  const headers = { 'content-type': 'application/json' }
  return autocannon({
    url,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: [
      { method: 'POST', headers, setupRequest: (request) => ({ ...request, body: bodies[next++ % bodies.length] }) },
    ],
  })
}

function single(line: string): string {
  return JSON.stringify({ log_line: line })
}

function chunks(lines: readonly string[], size: number): string[] {
  return Array.from({ length: Math.floor(lines.length / size) }, (_, i) =>
    JSON.stringify({ log_lines: lines.slice(i * size, (i + 1) * size) }),
  )
}

/** Until the server says that it is ready; it is given a minute. */
async function answering(home: string): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    const ready = await fetch(`${home}/health/ready`).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    if (Date.now() > until) throw new Error('the server does not answer')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
