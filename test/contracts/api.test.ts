import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { makeApi, type TestApi } from '../faces/support/api.ts'
import { makeFinding, NOON } from '../faces/support/findings.ts'
import { recordBatch } from '../faces/support/state.ts'

const SQLI =
  '203.0.113.9 - - [30/Mar/2026:12:00:00 +0000] "GET /item.php?id=1%27%20UNION%20SELECT%20password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"'
const PLAIN = '192.0.2.7 - - [30/Mar/2026:12:00:01 +0000] "GET /index.html HTTP/1.1" 200 512 "-" "Mozilla/5.0"'

let api: TestApi
afterEach(async () => {
  await api?.close()
  expect(api?.failures).toEqual([])
})

describe('the contracts that clients rely on', () => {
  it('answers the root, health and status in their shapes', async () => {
    api = await makeApi()
    const get = async (url: string) => (await api.app.inject(url)).json()
    expect(await get('/')).toMatchObject({
      message: expect.any(String),
      version: expect.any(String),
      learning_mode: 'online',
      endpoints: expect.any(Object),
    })
    expect(await get('/health')).toEqual({
      status: 'healthy',
      phase: 'warmup',
      logs_processed: 0,
      transformer_ready: false,
      active_models: 1,
    })
    expect(await get('/health/live')).toEqual({ status: 'live' })
    expect(await get('/health/ready')).toEqual({ status: 'ready' })
    expect(await get('/status')).toEqual({
      logs_processed: 0,
      warmup_target: 50_000,
      warmup_complete: false,
      training_in_progress: false,
      isolation_forest_ready: false,
      transformer_ready: false,
      vocabulary_size: 0,
      training_sequences: 0,
      iso_training_samples: 0,
      active_models: { rule_based: true, isolation_forest: false, transformer: false },
      phase: 'warmup',
      retention: {
        database: { bytes: expect.any(Number), free: 0 },
        output: { bytes: 0, folders: 0 },
      },
    })
  })

  it('detects an attack in one line', async () => {
    api = await makeApi()
    const response = await api.app.inject({ method: 'POST', url: '/detect', payload: { log_line: SQLI } })
    expect(response.headers['content-type']).toMatch(/^application\/json/)
    expect(response.json()).toMatchObject({
      is_anomaly: true,
      anomaly_score: expect.any(Number),
      phase: 'warmup',
      details: {
        logs_processed: 1,
        transformer_ready: false,
        isolation_forest_ready: false,
        rule_based: {
          is_attack: true,
          attack_types: expect.arrayContaining(['sqli']),
          patterns_matched: expect.any(Array),
        },
        isolation_forest: { is_anomaly: false, score: 0, status: 'not_ready' },
        transformer: { is_anomaly: false, score: 0, status: 'not_ready' },
        ensemble: {
          votes: { rule: expect.any(Number), iso: 0, transformer: 0 },
          weights: { rule: 1, iso: 0, transformer: 0 },
          active_models: 1,
        },
        log_data: { ip: '203.0.113.9', method: 'GET', status: 200, protocol: 'HTTP/1.1', raw_line: SQLI },
      },
    })
  })

  it('judges a batch in its order, each line in the format that it has', async () => {
    api = await makeApi()
    const lines = [
      PLAIN,
      'Mar 30 12:00:00 web sshd[311]: Failed password for root from 203.0.113.9 port 4711 ssh2',
      SQLI,
      '\u0000\u0001 rubbish',
      '{"timestamp":"2026-03-30T12:00:00Z","user":"eve","source_ip":"203.0.113.9","event_type":"login_failure"}',
    ]
    const answer = (
      await api.app.inject({ method: 'POST', url: '/detect/batch', payload: { log_lines: lines } })
    ).json()
    expect(answer.summary).toMatchObject({ total: 5, anomalies: 1, normal: 4, anomaly_rate: 0.2 })
    expect(answer.results.map((one: { is_anomaly: boolean }) => one.is_anomaly)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ])
    expect(answer.results[1].details.log_data).toMatchObject({ ip: '203.0.113.9', method: null })
    expect(answer.results[4].details.log_data.ip).toBe('203.0.113.9')
  })

  it('refuses more than 100 lines', async () => {
    api = await makeApi()
    const response = await api.app.inject({
      method: 'POST',
      url: '/detect/batch',
      payload: { log_lines: Array(101).fill(PLAIN) },
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({
      code: 'INVALID_REQUEST',
      status: 400,
      instance: response.headers['x-request-id'],
    })
  })

  it('analyses security events', async () => {
    api = await makeApi()
    const logs = Array.from({ length: 30 }, (_, i) => ({
      timestamp: new Date(NOON + i * 1000).toISOString(),
      user: 'root',
      source_ip: '203.0.113.9',
      event_type: 'login_failure',
      action: 'login',
      message: 'Failed password for root from 203.0.113.9 port 22 ssh2',
    }))
    const answer = (await api.app.inject({ method: 'POST', url: '/analyze', payload: { logs } })).json()
    expect(answer).toMatchObject({ total_logs: 30, parsed: 30, rejected: 0, format: 'json' })
    expect(answer.anomalies_detected).toBeGreaterThan(0)
    expect(answer.anomalies[0]).toMatchObject({
      severity: expect.any(String),
      source_ip: '203.0.113.9',
      attack_types: expect.arrayContaining(['brute_force']),
    })
  })

  it.each([
    ['access.log', Buffer.from(`${SQLI}\n${PLAIN}\n`), 'access'],
    ['access.log.gz', gzipSync(`${SQLI}\n${PLAIN}\n`), 'access'],
    [
      'auth.log',
      Buffer.from(
        'Mar 30 12:00:00 web sshd[311]: Failed password for root from 203.0.113.9 port 4711 ssh2\n'.repeat(2),
      ),
      'syslog',
    ],
    [
      'events.json',
      Buffer.from('[{"timestamp":"2026-03-30T12:00:00Z","user":"a"},{"timestamp":"2026-03-30T12:00:01Z","user":"b"}]'),
      'json',
    ],
    [
      'events.csv',
      Buffer.from('timestamp,user,source_ip\n2026-03-30T12:00:00Z,a,192.0.2.1\n2026-03-30T12:00:01Z,b,192.0.2.2\n'),
      'csv',
    ],
  ])('analyses the uploaded file %s', async (name, content, format) => {
    api = await makeApi()
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(content)]), name)
    const answer = (await api.app.inject({ method: 'POST', url: '/analyze/file', payload: form })).json()
    expect(answer).toMatchObject({ format, parsed: 2 })
    expect(answer.anomalies_detected).toBe(format === 'access' ? 1 : 0)
  })

  it('records verdicts under the name of the key and takes them back', async () => {
    const key = 'a-long-and-random-key'
    api = await makeApi({
      api: { keys: [{ name: 'alice', sha256: createHash('sha256').update(key).digest('hex'), scopes: ['admin'] }] },
    })
    const finding = makeFinding()
    recordBatch(api.state.db, 'b1', [finding])
    const headers = { authorization: `Bearer ${key}` }
    const url = `/findings/${finding.event.id}/verdict`
    const put = await api.app.inject({ method: 'PUT', url, headers, payload: { verdict: 'benign', reason: 'ours' } })
    expect(put.json()).toMatchObject({ verdict: 'benign', reason: 'ours', author: 'alice' })
    expect((await api.app.inject({ url: `/findings/${finding.event.id}`, headers })).json().verdict.verdict).toBe(
      'benign',
    )
    expect((await api.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204)
    expect((await api.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(404)
  })

  it('pages through findings without skipping or repeating any while new ones arrive', async () => {
    api = await makeApi()
    recordBatch(
      api.state.db,
      'b1',
      Array.from({ length: 25 }, (_, i) => makeFinding({ line: i })),
    )
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 9; page++) {
      const answer = (await api.app.inject(`/findings?limit=10${cursor && `&cursor=${cursor}`}`)).json()
      seen.push(...answer.items.map((one: { finding: { event: { id: string } } }) => one.finding.event.id))
      recordBatch(api.state.db, `later-${page}`, [makeFinding({ line: 1000 + page })])
      if (!answer.next) break
      cursor = answer.next
    }
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
  })
})
