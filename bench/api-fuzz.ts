import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, type IncomingMessage, request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { faultOf, type HostileRequest, hostileRequest, operationsOf } from '../test/support/hostile-requests.ts'
import { freePort } from '../test/support/servers/free-port.ts'
import { measure } from './support/measure.ts'
import { pythonWith } from './support/python.ts'
import { report } from './support/report.ts'

/**
 * Hostile requests to `oddline serve` over a state with findings, each answer compared with the OpenAPI document: first
 * ours, then those of schemathesis.
 */
const REQUESTS = Number(process.env.ODDLINE_REQUESTS ?? 20_000)
const EXAMPLES = Number(process.env.ODDLINE_EXAMPLES ?? 100)
const SEED = Number(process.env.ODDLINE_SEED ?? Date.now() % 2 ** 31)
const AT_ONCE = 8
const KEY = 'key-of-the-benchmark'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'dist/src/main.js')
const dir = mkdtempSync(join(tmpdir(), 'oddline-api-fuzz-'))
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
let server: ChildProcess | undefined
let log = ''

try {
  console.log(`Seed ${SEED}`)
  const places = ['--log-dir', join(root, 'config/examples/logs'), '--state-dir', join(dir, 'state')]
  await measure(process.execPath, [main, 'run', '--once', ...places, '--output-dir', join(dir, 'out')])
  const port = await freePort()
  server = spawn(process.execPath, [main, 'serve', '--log-level', 'warn', ...places], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: dir,
    env: {
      ...process.env,
      API_PORT: String(port),
      API_RATE_LIMIT_PER_MINUTE: '0',
      API_KEY_SHA256: createHash('sha256').update(KEY).digest('hex'),
    },
  })
  server.stderr?.on('data', (text) => {
    log += text
  })
  const home = `http://127.0.0.1:${port}`
  await until(async () => (await fetch(`${home}/health/ready`)).ok)

  const document = (await json(`${home}/openapi.json`)) as { paths: object }
  const { items } = (await json(`${home}/findings?limit=20`)) as { items: { finding: { event: { id: string } } }[] }
  const ids = items.map(({ finding }) => finding.event.id)
  const requests = fc.sample(hostileRequest(operationsOf(document), ids), { numRuns: REQUESTS, seed: SEED })
  const statuses: Record<string, number> = {}
  const faults: string[] = []
  const left = requests.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const request of left) {
        const answer = await answerTo(port, request).catch((error) => `no answer: ${error.message}`)
        const fault = typeof answer === 'string' ? answer : faultOf(request, answer)
        if (typeof answer !== 'string') statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        if (fault)
          faults.push(`${request.method} ${request.url.slice(0, 200)}: ${fault}; ${request.body?.slice(0, 300)}`)
      }
    }),
  )
  console.log('Statuses:', JSON.stringify(statuses))
  for (const fault of faults.slice(0, 20)) console.log('Fault:', fault)

  const peer = await schemathesis(`${home}/openapi.json`)
  const alive = (await fetch(`${home}/health/ready`)).ok
  const failures = log.split('\n').filter((line) => /failed|unexpected/i.test(line))
  for (const line of failures.slice(0, 20)) console.log('Log:', line)
  report(
    'api-fuzz',
    {
      requests: REQUESTS,
      faults: faults.length,
      server_errors: Object.entries(statuses).reduce((sum, [status, n]) => sum + (status === '500' ? n : 0), 0),
      failures_in_log: failures.length,
      ...(peer !== undefined && { schemathesis_failed: peer }),
      alive: alive ? 1 : 0,
    },
    {},
    {
      faults: { max: 0 },
      server_errors: { max: 0 },
      failures_in_log: { max: 0 },
      ...(peer !== undefined && { schemathesis_failed: { max: 0 } }),
      alive: { min: 1 },
    },
  )
} finally {
  agent.destroy()
  server?.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url, { headers: { 'x-api-key': KEY } })).json()
}

/** The head of the answer. Streams have no end, so the body is not waited for there. */
function answerTo(port: number, { method, url, headers, body }: HostileRequest) {
  return new Promise<{ status: number; type: string; allow?: string }>((resolve, reject) => {
    const asked = send({ agent, port, method, path: url, headers: { ...headers, 'x-api-key': KEY } })
    asked.on('error', reject)
    asked.on('response', (response: IncomingMessage) => {
      const { 'content-type': type = '', allow } = response.headers
      if (type.startsWith('text/event-stream')) response.destroy()
      response.resume().on('close', () => resolve({ status: response.statusCode ?? 0, type, allow }))
    })
    asked.end(body)
  })
}

/** How many of its checks failed, or undefined where it cannot be had. */
async function schemathesis(url: string): Promise<number | undefined> {
  const python = pythonWith(['schemathesis'])
  if (!python) return undefined
  const checks = 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'
  const child = spawn(
    join(dirname(python), 'st'),
    [
      ...['run', url, '--header', `X-API-Key: ${KEY}`, '--exclude-path', '/events', '--checks', checks],
      ...['--max-examples', String(EXAMPLES), '--seed', String(SEED), '--no-color', '--continue-on-failure'],
    ],
    { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [text, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'close')])
  const said = Buffer.concat(text).toString()
  console.log(said.slice(-6000))
  return code === 0 ? 0 : Number(/(\d+) unique failure/.exec(said)?.[1] ?? 1)
}

/** Waits for the server, for at most a minute. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await ask().catch(() => false))) {
    if (Date.now() > end || server?.exitCode !== null) throw new Error(`the server does not start: ${log}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
