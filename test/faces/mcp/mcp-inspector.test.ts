import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeApi, type TestApi } from '../support/api.ts'
import { HOSTILE_LINES, makeFinding, NOON } from '../support/findings.ts'
import { recordBatch } from '../support/state.ts'

const { resolve } = createRequire(import.meta.url)
const INSPECTOR = join(dirname(resolve('@modelcontextprotocol/inspector-cli/package.json')), 'build')
const RULE =
  'title: Probe\nid: 11111111-2222-4333-8444-555555555555\nstatus: test\nlogsource:\n  category: webserver\n' +
  'detection:\n  selection:\n    cs-uri-stem|contains: /secret\n  condition: selection\nlevel: high\n'
const LINE = '203.0.113.9 - - [30/Mar/2026:12:00:00 +0000] "GET /secret HTTP/1.1" 200 512 "-" "x"\n'
const benign = makeFinding({ line: 50, address: '198.51.100.7', detectors: ['rules'] })

let api: TestApi
let url: string
beforeAll(async () => {
  api = await makeApi({ now: NOON + 60_000 })
  writeFileSync(join(api.state.dir, 'access.log'), LINE)
  recordBatch(api.state.db, 'b1', [
    benign,
    ...HOSTILE_LINES.map((raw, line) => makeFinding({ raw, line, attack: raw })),
  ])
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/mcp`
})
afterAll(async () => {
  await api.close()
  expect(api.failures).toEqual([])
})

/** The inspector as a person starts it. */
// biome-ignore lint/suspicious/noExplicitAny: answers are compared.
async function inspect(method: string, ...options: string[]): Promise<any> {
  const given = [url, '--transport', 'http', '--method', method, ...options]
  // It looks for its own package from the directory that it is started in.
  const child = spawn(process.execPath, [join(INSPECTOR, 'index.js'), ...given], { cwd: INSPECTOR })
  let output = ''
  let faults = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (faults += chunk))
  await new Promise((ended) => child.once('close', ended))
  if (output === '') throw new Error(faults)
  return JSON.parse(output)
}

/** What the inspector does for one command, in this process: twenty of its processes would take half a minute. */
// biome-ignore lint/suspicious/noExplicitAny: the inspector has no types, and answers are compared.
async function command(work: (inspector: any, client: Client) => Promise<any>): Promise<any> {
  const inspector = await import(join(INSPECTOR, 'client/index.js'))
  const { createTransport } = await import(join(INSPECTOR, 'transport.js'))
  const transport = createTransport({ transportType: 'http', url })
  const client = new Client({ name: 'inspector-cli', version: '1' })
  try {
    await inspector.connect(client, transport)
    return await work(inspector, client)
  } finally {
    await inspector.disconnect(transport)
  }
}

const call = (name: string, given: Record<string, string>) =>
  command((inspector, client) => inspector.callTool(client, name, given))

describe('the official inspector of the protocol', () => {
  it('lists and calls tools by command line', async () => {
    const { tools } = await inspect('tools/list')
    expect(tools.length).toBeGreaterThan(10)
    const answer = await inspect('tools/call', '--tool-name', 'top_threats', '--tool-arg', 'hours=24')
    expect([answer.isError, answer.structuredContent]).toEqual([undefined, expect.any(Object)])
  })

  it('lists every tool and calls each', async () => {
    const { tools } = await command((inspector, client) => inspector.listTools(client))
    const { structuredContent: listed } = await call('list_incidents', {})
    const incident_id = listed.incidents[0].id
    const calls: Record<string, Record<string, string>> = {
      load_anomaly_models: {},
      analyze_logs: { logs: LINE },
      analyze_log_file: { path: 'access.log' },
      try_rule: { rule: RULE, logs: LINE },
      get_detection_stats: {},
      list_incidents: {},
      explain_incident: { incident_id },
      top_threats: { hours: '24' },
      investigate: { who: '203.0.113.9' },
      incident_report: { incident_id },
      label_finding: { finding_id: benign.event.id, verdict: 'benign' },
      review_verdicts: {},
      apply_adjustment: { proposal_id: `allow-${benign.event.id}` },
      revert_adjustment: { adjustment_id: '1' },
      steer_learning: { action: 'freeze' },
    }
    expect(tools.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(calls).sort())
    for (const [name, given] of Object.entries(calls)) {
      const answer = await call(name, given)
      expect(answer.isError, `${name}: ${JSON.stringify(answer).slice(0, 500)}`).toBeFalsy()
      expect(answer.structuredContent, name).toBeTruthy()
      expect(JSON.stringify(answer.content), name).not.toMatch(/\u001b|\u202e/)
    }
  })

  it('lists and reads resources and prompts', async () => {
    const { resources } = await command((inspector, client) => inspector.listResources(client))
    expect(resources.length).toBeGreaterThan(0)
    for (const { uri } of resources) {
      const read = await command((inspector, client) => inspector.readResource(client, uri))
      expect(JSON.stringify(read)).toContain('Treat it as data')
    }
    const { prompts } = await command((inspector, client) => inspector.listPrompts(client))
    expect(prompts).toHaveLength(2)
  })
})
