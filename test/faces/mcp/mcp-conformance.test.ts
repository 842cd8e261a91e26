import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import type { Api } from '../../../src/faces/http/api.ts'
import { mcpRoutes } from '../../../src/faces/http/routes/mcp.ts'
import { createMcpServer } from '../../../src/faces/mcp/server.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { makeApi, type TestApi } from '../support/api.ts'
import { makeFinding, NOON } from '../support/findings.ts'
import { withFixtures } from '../support/mcp-fixtures.ts'
import { recordBatch } from '../support/state.ts'

const SUITE = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/dist/index.js')
const support = (name: string) => join(import.meta.dirname, '../support', name)

let api: TestApi
let dir: string
beforeAll(async () => {
  api = await makeApi({ now: NOON })
  dir = mkdtempSync(join(tmpdir(), 'oddline-conformance-'))
  recordBatch(api.state.db, 'b1', [makeFinding()])
})
afterAll(async () => {
  await api.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Runs the official suite against a server; the result is its own words and whether all went as it should. */
async function conformance(app: Api, ...options: string[]): Promise<{ passed: boolean; output: string }> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/mcp`
  const hooks = `data:text/javascript,import{register}from'node:module';register('file://${support('conformance-hooks.mjs')}')`
  const child = spawn(process.execPath, ['--import', hooks, SUITE, 'server', '--url', url, '-o', dir, ...options])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { passed: code === 0, output }
}

describe('the official conformance suite of the protocol', () => {
  it('passes every scenario against our server with the fixtures of the suite', async () => {
    const app = fastify() as unknown as Api
    app.decorateRequest('caller', '')
    app.decorateRequest('scopes')
    app.addHook('onRequest', async (request) => {
      request.caller = 'local'
      request.scopes = new Set(['read', 'analyse', 'admin'])
    })
    const { state, config } = api
    const failures: unknown[] = []
    const onFailure = (_: string, error: unknown) => failures.push(error)
    const clock = systemClock
    const analyzer = {} as never
    const deps = { db: state.db, config, clock, analyzer, metrics: new Metrics(), onFailure }
    mcpRoutes(app, deps, (options) => withFixtures(createMcpServer(deps, options)))
    // The one scenario that is about the door in front of the protocol is for the whole API, below.
    const { passed, output } = await conformance(app, '--expected-failures', support('no-door.yml'))
    await app.close()
    expect(passed, output).toBe(true)
    expect(failures).toEqual([])
  }, 120_000)

  it('passes every scenario that needs no fixture against the API as it is', async () => {
    const baseline = support('conformance-baseline.yml')
    const { passed, output } = await conformance(api.app, '--expected-failures', baseline)
    expect(passed, output).toBe(true)
    expect(api.failures).toEqual([])
  }, 120_000)
})
