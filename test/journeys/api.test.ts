import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { expect, test } from 'vitest'
import { BATCH_DONE, MAIN, oddline, start } from '../support/cli.ts'
import { workplace } from '../support/workplace.ts'

const line = (address: string, target: string) =>
  `${address} - - [30/Mar/2026:12:00:00 +0000] "GET ${target} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n`
const ATTACK = '/item.php?id=1%27%20UNION%20SELECT%20password%20FROM%20users--'

const site = () => workplace({ 'access.log': line('192.0.2.7', '/') + line('203.0.113.9', ATTACK) })

/** Starts a server and waits for the line of its log that says where it listens. */
async function serving(dir: string, ...args: string[]) {
  const { logged } = start(dir, args, { API_PORT: '0' })
  const [, url] = await logged(/"url":"(http:[^"]+)"/)
  const findings = async () => ((await (await fetch(`${url}/findings`)).json()) as { items: unknown[] }).items
  return { logged, url, findings }
}

test('a run leaves a report in the folder of its batch, and one of a period is written on request', async () => {
  const dir = site()
  expect((await oddline(dir, 'run', '--once', '--output-dir', 'out')).code).toBe(0)
  const [folder] = readdirSync(join(dir, 'out'))
  expect(readFileSync(join(dir, 'out', folder, 'report.html'), 'utf8')).toContain('SQL injection')
  const { stdout, code } = await oddline(dir, 'report', '--since', '36500d', '--format', 'md')
  expect(code).toBe(0)
  expect(stdout).toContain('# Security report')
  expect(stdout).toContain('203.0.113.9')
})

test('a server shows what another process finds, and goes on while that one runs', async () => {
  const dir = site()
  const { url, findings } = await serving(dir, 'serve')
  expect(await findings()).toEqual([])
  expect((await oddline(dir, 'run', '--once')).code).toBe(0)
  expect(await findings()).toHaveLength(1)
  expect((await fetch(`${url}/run`, { method: 'POST' })).status).toBe(409)
})

test('a batch runs when it is asked for, beside the schedule', async () => {
  const dir = site()
  const { url, findings, logged } = await serving(dir, 'run', '--api', '--interval', '86400')
  await logged(BATCH_DONE)
  expect(await findings()).toHaveLength(1)
  appendFileSync(join(dir, 'logs', 'access.log'), line('203.0.113.10', ATTACK))
  expect((await fetch(`${url}/run`, { method: 'POST' })).status).toBe(202)
  await logged(BATCH_DONE, 2)
  expect(await findings()).toHaveLength(2)
})

test('a server is not open to the network without a key', async () => {
  const { code, stderr } = await oddline(site(), 'serve', '--host', '0.0.0.0')
  expect(code).toBe(2)
  expect(stderr).toContain('oddline api-key')
})

test('the program speaks MCP on standard input and output', async () => {
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], cwd: site(), stderr: 'ignore' }),
  )
  const answer = await client.callTool({ name: 'analyze_log_file', arguments: { path: 'access.log' } })
  expect(answer.structuredContent).toMatchObject({ lines: 2, anomalies_detected: 1 })
  await client.close()
})
