import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { makeApi, type TestApi } from '../support/api.ts'
import { writeEndlessFile } from '../support/endless-file.ts'
import { isBuilt } from '../support/threaded-analyzer.ts'

const EVENT = { timestamp: '2026-03-30T12:00:00Z', user: 'a', source_ip: '192.0.2.1', event_type: 'login' }

let api: TestApi
afterEach(() => api.close())

async function start(settings: object): Promise<string> {
  api = await makeApi({ threaded: true, api: settings })
  writeEndlessFile(join(api.state.dir, 'endless.gz'))
  return api.app.listen({ host: '127.0.0.1', port: 0 })
}

const post = (url: string, body: object, signal?: AbortSignal) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
const endless = (home: string, signal?: AbortSignal) => post(`${home}/analyze/path`, { path: 'endless.gz' }, signal)
const short = (home: string) => post(`${home}/analyze`, { logs: [EVENT] })

describe.skipIf(!isBuilt)('an analysis (skipped where the threads are not built)', () => {
  it('that takes longer than it may is answered, and its place is free again', async () => {
    const home = await start({ analysis_seconds: 1, analyses_at_once: 1 })
    const late = await endless(home)
    expect(late.status).toBe(503)
    expect(await late.json()).toMatchObject({
      code: 'UNAVAILABLE',
      detail: expect.stringContaining('api.analysis_seconds'),
    })
    // The time counts from the request on, so one that starts a thread on a busy machine may need another try.
    await expect.poll(async () => (await short(home)).status, { timeout: 60_000 }).toBe(200)
    expect(api.failures).toEqual([])
  })

  it('ends when its caller leaves', async () => {
    const home = await start({ analyses_at_once: 1 })
    const caller = request(`${home}/analyze/path`, { method: 'POST', headers: { 'content-type': 'application/json' } })
    const gone = new Promise((resolve) => caller.on('error', resolve))
    const arrived = new Promise<void>((resolve) => api.app.server.once('request', () => resolve()))
    caller.end(JSON.stringify({ path: 'endless.gz' }))
    await arrived
    caller.destroy(new Error('left'))
    await gone
    expect((await short(home)).status).toBe(200)
    expect(api.failures).toEqual([])
  })

  it('does not wait for a long one beside it', async () => {
    const home = await start({ analyses_at_once: 2 })
    const leave = new AbortController()
    const long = endless(home, leave.signal).catch((error) => error)
    for (let i = 0; i < 3; i++) expect((await short(home)).status).toBe(200)
    leave.abort()
    expect((await long).name).toBe('AbortError')
  })

  it('that runs or waits is answered when the API closes', async () => {
    const home = await start({ analyses_at_once: 1 })
    const arrived = new Promise<void>((resolve) => {
      let count = 0
      api.app.server.on('request', () => ++count === 10 && resolve())
    })
    const all = Array.from({ length: 10 }, () => endless(home))
    await arrived
    await api.app.close()
    for (const answer of await Promise.all(all)) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    }
  })
})
