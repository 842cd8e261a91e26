import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Config } from '../../src/config/schema.ts'
import { DRIFT, type DriftReport, encodeDrift } from '../../src/core/documents/drift.ts'
import { statusText } from '../../src/faces/cli/review/status-text.ts'
import { learningOfReport } from '../../src/queries/learning.ts'
import { statusReport } from '../../src/queries/status.ts'
import { saveCheckpoints } from '../../src/store/checkpoints.ts'
import { saveVerdict } from '../../src/store/verdicts.ts'
import { freePort } from '../support/servers/free-port.ts'
import { makeApi, type TestApi } from './support/api.ts'
import { makeFinding, NOON } from './support/findings.ts'
import { recordBatch } from './support/state.ts'

const PROMTOOL = spawnSync('promtool', ['--version']).status === 0
const PROMETHEUS = spawnSync('prometheus', ['--version']).status === 0
const EXAMPLES = join(import.meta.dirname, '../../config/examples/prometheus')

const DRIFTED: DriftReport = {
  version: 3,
  events: 20_000,
  templates: { unknown: 0.125, expected: 0.01 },
  features: [{ kind: 'http', name: 'entropy', psi: 0.41 }],
  moved: 4,
  measured: 12,
  level: 'retrain',
  summary: 'Of 20,000 events counted lately 12.5 % are of templates that the models do not know.',
}

let api: TestApi
afterEach(() => api.close())

async function scrape(): Promise<string> {
  api = await makeApi({ sinks: { slack: { type: 'slack' } } })
  const finding = makeFinding({ severity: 'critical' })
  recordBatch(api.state.db, 'b1', [finding, makeFinding({ line: 2, detectors: ['rules'] })], { lines: 1000 })
  api.state.db
    .prepare(`INSERT INTO outbox (sink, seq, queued_at, due_at) VALUES ('slack', 1, ?, ?)`)
    .run(NOON - 90_000, NOON)
  api.state.db
    .prepare(
      `INSERT INTO dead_letters (sink, seq, reason, detail, attempts, died_at) VALUES ('slack', 2, 'too_large', '', 1, ?)`,
    )
    .run(NOON)
  saveVerdict(api.state.db, { finding: finding.event.id, verdict: 'false_positive', reason: '', author: 'x', at: NOON })
  saveCheckpoints(api.state.db, [{ name: DRIFT, value: encodeDrift(DRIFTED) }])
  await api.app.inject('/findings')
  return (await api.app.inject('/metrics')).body
}

it('counts what the state holds', async () => {
  const text = await scrape()
  for (const line of [
    'oddline_lines_total{result="parsed"} 1000',
    'oddline_findings_total{severity="critical",detector="rules"} 1',
    'oddline_findings_total{severity="high",detector="rules"} 1',
    'oddline_outbox_pending{sink="slack"} 1',
    'oddline_outbox_oldest_age_seconds{sink="slack"} 90',
    'oddline_dead_letters{sink="slack",reason="too_large"} 1',
    'oddline_false_positive_ratio 1',
    'oddline_learning_phase{phase="warmup"} 1',
    'oddline_drift_unknown_template_ratio 0.125',
    'oddline_drift_moved_features 4',
    'oddline_last_batch_duration_seconds 1.5',
  ]) {
    expect(text).toContain(line)
  }
  expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds/)
  expect(text).toMatch(/oddline_http_request_duration_seconds_count\{route="\/findings",method="GET",status="200"\} 1/)
})

it('tells of drift in the status and in reports as well', async () => {
  await scrape()
  const { db } = api.state
  expect(statusText(statusReport(db, api.config, NOON))).toContain(
    'Drift     much: the models are out of date (12.5 % unknown templates, 4 of 12 features moved, entropy furthest)',
  )
  const detection = { warmup_logs: 50_000, frozen: false } as Config['detection']
  expect(learningOfReport(db, { detection })).toMatchObject({ drift: 0.125, driftDetail: DRIFTED.summary })
})

it('says the same again at the next scrape: what is counted is not counted twice', async () => {
  const own = (text: string) => text.split('\n').filter((line) => /^oddline_(?!http)/.test(line))
  const first = await scrape()
  expect(own((await api.app.inject('/metrics')).body)).toEqual(own(first))
})

it.skipIf(!PROMTOOL)('is clean to promtool (skipped where Prometheus is not installed)', async () => {
  const text = await scrape()
  expect(() => execFileSync('promtool', ['check', 'metrics'], { input: text })).not.toThrow()
})

it.skipIf(!PROMETHEUS)(
  'is scraped by a Prometheus with the example configuration (skipped where it is not installed)',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'oddline-prometheus-'))
    const key = 'a-long-and-random-key'
    const sha256 = createHash('sha256').update(key).digest('hex')
    api = await makeApi({ api: { keys: [{ name: 'prometheus', sha256, scopes: ['read'] }] } })
    recordBatch(api.state.db, 'b1', [makeFinding()], { lines: 1000 })
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as AddressInfo
    const config = readFileSync(join(EXAMPLES, 'prometheus.yml'), 'utf8')
      .replace('127.0.0.1:8000', `127.0.0.1:${port}`)
      .replace('scrape_interval: 30s', 'scrape_interval: 1s\n  scrape_timeout: 1s')
    writeFileSync(join(dir, 'prometheus.yml'), config)
    writeFileSync(join(dir, 'oddline.key'), key)
    copyFileSync(join(EXAMPLES, 'alerts.yml'), join(dir, 'alerts.yml'))
    const listen = `127.0.0.1:${await freePort()}`
    const places = [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`]
    const prometheus = spawn('prometheus', [...places, `--web.listen-address=${listen}`], { stdio: 'ignore' })
    try {
      const query = async (expression: string) => {
        const answer = await fetch(`http://${listen}/api/v1/query?query=${encodeURIComponent(expression)}`)
        const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
        return data.result[0]?.value[1]
      }
      // Prometheus tells nobody when it has looked at us for the first time.
      await expect.poll(() => query('up{job="oddline"}').catch(() => undefined), { timeout: 30_000 }).toBe('1')
      expect(await query('oddline_lines_total{result="parsed"}')).toBe('1000')
      expect(await query('scrape_samples_scraped{job="oddline"}').then(Number)).toBeGreaterThan(20)
    } finally {
      const ended = new Promise((resolve) => prometheus.once('exit', resolve))
      prometheus.kill('SIGTERM')
      await ended
      rmSync(dir, { recursive: true, force: true })
    }
  },
)
