import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OddlineApiError, OddlineClient } from '../../src/client/client.ts'
import { makeApi, type TestApi } from './support/api.ts'
import { makeFinding } from './support/findings.ts'
import { recordBatch } from './support/state.ts'

const SQLI =
  '203.0.113.9 - - [30/Mar/2026:12:00:00 +0000] "GET /i?id=1%27%20OR%201=1-- HTTP/1.1" 200 5 "-" "sqlmap/1.8"'

let api: TestApi
let client: OddlineClient
beforeEach(async () => {
  api = await makeApi()
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  client = new OddlineClient({ url: `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/` })
})
afterEach(() => api.close())

describe('the client', () => {
  it('loads models, detects, and analyses events and files', async () => {
    expect((await client.loadModels()).status).toBe('healthy')
    expect((await client.detect(SQLI)).is_anomaly).toBe(true)
    expect(await client.analyzeLogs([{ timestamp: '2026-03-30T12:00:00Z', user: 'a' }])).toMatchObject({
      total_logs: 1,
    })
    const path = join(api.state.dir, 'a.log')
    writeFileSync(path, `${SQLI}\n`)
    expect((await client.analyzeFile(path)).anomalies_detected).toBe(1)
  })

  it('detects a stream of lines in its order, however long', async () => {
    const lines = Array.from({ length: 250 }, (_, i) => SQLI.replace('/i?', `/i${i}?`))
    const paths: (string | null)[] = []
    for await (const { details } of client.detectAll(lines)) paths.push(details.log_data.path)
    expect(paths.map((path) => /^\/i(\d+)/.exec(path ?? '')?.[1])).toEqual(lines.map((_, i) => String(i)))
  })

  it('lists every finding over many pages', async () => {
    recordBatch(
      api.state.db,
      'b1',
      Array.from({ length: 450 }, (_, i) => makeFinding({ line: i })),
    )
    const ids = new Set<string>()
    for await (const { finding } of client.findings()) ids.add(finding.event.id)
    expect(ids.size).toBe(450)
  })

  it('throws what the API refused, with its code', async () => {
    const refused = await client.detectBatch([]).catch((error) => error)
    expect(refused).toBeInstanceOf(OddlineApiError)
    expect(refused).toMatchObject({ status: 400, code: 'INVALID_REQUEST', request: expect.any(String) })
  })

  it('waits and asks again where the API was busy', async () => {
    let asked = 0
    const busyOnce: typeof fetch = async (...request) => {
      if (asked++ === 0) return new Response('{}', { status: 503, headers: { 'retry-after': '0.01' } })
      return fetch(...request)
    }
    const patient = new OddlineClient({
      url: `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`,
      fetch: busyOnce,
    })
    expect((await patient.loadModels()).status).toBe('healthy')
    expect(asked).toBe(2)
  })
})
