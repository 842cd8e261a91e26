import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '../../dist/src/main.js')
const LINE = (address: string, target: string) =>
  `${address} - - [30/Mar/2026:12:00:00 +0000] "GET ${target} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n`
const ATTACK = '/item.php?id=1%27%20UNION%20SELECT%20password%20FROM%20users--'

let dir: string
const children: ChildProcess[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oddline-journey-'))
  mkdirSync(join(dir, 'logs'))
  writeFileSync(join(dir, 'logs', 'access.log'), LINE('192.0.2.7', '/') + LINE('203.0.113.9', ATTACK))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = child.exitCode !== null || new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  rmSync(dir, { recursive: true, force: true })
})

const PLACES = () => ['--log-dir', join(dir, 'logs'), '--state-dir', join(dir, 'state')]

function oddline(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { cwd: dir, encoding: 'utf8' })
}

/** Starts a server and waits for the line of its log that says where it listens. */
async function serving(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, API_PORT: '0' },
  })
  children.push(child)
  for await (const line of createInterface({ input: child.stderr! })) {
    const url = /"url":"(http:[^"]+)"/.exec(line)?.[1]
    if (url) return url
  }
  throw new Error('the server ended before it listened')
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe.skipIf(!existsSync(MAIN))('the program (skipped where it is not built)', () => {
  it('leaves a report in the folder of a batch, and writes one of a period', () => {
    expect(oddline('run', '--once', ...PLACES(), '--output-dir', join(dir, 'out')).status).toBe(0)
    const [folder] = readdirSync(join(dir, 'out'))
    expect(readFileSync(join(dir, 'out', folder, 'report.html'), 'utf8')).toContain('SQL injection')
    const { stdout, status } = oddline(
      'report',
      '--since',
      '36500d',
      '--format',
      'md',
      '--state-dir',
      join(dir, 'state'),
    )
    expect(status).toBe(0)
    expect(stdout).toContain('# Security report')
    expect(stdout).toContain('203.0.113.9')
  })

  it('serves what another process finds, and goes on while that one runs', async () => {
    const url = await serving('serve', ...PLACES())
    expect(await (await fetch(`${url}/findings`)).json()).toEqual({ items: [], next: null })
    expect(oddline('run', '--once', ...PLACES(), '--output-dir', join(dir, 'out')).status).toBe(0)
    const { items } = (await (await fetch(`${url}/findings`)).json()) as { items: unknown[] }
    expect(items).toHaveLength(1)
    expect((await fetch(`${url}/run`, { method: 'POST' })).status).toBe(409)
  })

  it('runs a batch when it is asked to, beside its schedule', async () => {
    const url = await serving('run', '--api', '--interval', '86400', ...PLACES(), '--output-dir', join(dir, 'out'))
    const found = async (count: number) =>
      until(async () => {
        const { items } = (await (await fetch(`${url}/findings`)).json()) as { items: unknown[] }
        return items.length === count ? items : undefined
      })
    await found(1)
    appendFileSync(join(dir, 'logs', 'access.log'), LINE('203.0.113.10', ATTACK))
    expect((await fetch(`${url}/run`, { method: 'POST' })).status).toBe(202)
    await found(2)
  })

  it('refuses to be open to the network without a key', () => {
    const { status, stderr } = oddline('serve', '--host', '0.0.0.0', ...PLACES())
    expect(status).toBe(2)
    expect(stderr).toContain('oddline api-key')
  })

  it('speaks MCP on standard input and output', async () => {
    const client = new Client({ name: 'test', version: '1' })
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp', ...PLACES()], stderr: 'ignore' }),
    )
    const answer = await client.callTool({ name: 'analyze_log_file', arguments: { path: 'access.log' } })
    expect(answer.structuredContent).toMatchObject({ lines: 2, anomalies_detected: 1 })
    await client.close()
  })
})
