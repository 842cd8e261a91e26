import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Metrics } from '../../src/telemetry/metrics.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0
const dir = mkdtempSync(join(tmpdir(), 'oddline-packaging-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Every metric name in an expression of Prometheus that is ours. */
const ours = (expression: string) => expression.match(/\boddline_\w+/g) ?? []

async function metricNames(): Promise<Set<string>> {
  const nothing = {
    phase: 'warmup',
    rulesAreValid: true,
    lines: { parsed: 0, rejected: 0, skipped: 0 },
    bytes: 0,
    findings: [],
    openIncidents: {},
    verdicts: {},
    files: [],
    sinks: [],
    deadLetters: [],
    batches: {},
    judged: 0,
  }
  const text = await new Metrics().scrape(nothing)
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  return new Set(names.flatMap((name) => [name, `${name}_bucket`, `${name}_count`]))
}

describe('what is shipped beside the program', () => {
  it('composes the three services over shared volumes, the API behind a key', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true })
    expect(Object.keys(services).sort()).toEqual(['anomaly-api', 'anomaly-batch', 'anomaly-mcp'])
    for (const service of Object.values<{ volumes: string[] }>(services))
      expect(service.volumes).toContain('state:/state')
    expect(services['anomaly-api'].ports).toEqual(['127.0.0.1:8000:8000'])
    expect(services['anomaly-api'].environment.API_KEY_SHA256).toContain(':?')
    const production = parse(read('docker-compose.prod.yml'), { merge: true }).services
    for (const name of Object.keys(services)) expect(production[name].deploy.resources.limits.memory, name).toBeTruthy()
  })

  it('has a Dockerfile in which a linter finds no fault', () => {
    expect(validate(read('Dockerfile'), {}).map(({ message }) => message)).toEqual([])
    expect(validate('FROM node\nRUM x\n', {})).toHaveLength(1)
  })

  it.skipIf(!has('docker', 'compose', 'version'))(
    'has compose files that docker compose accepts (skipped where it is not installed)',
    () => {
      for (const files of [['docker-compose.yml'], ['docker-compose.yml', 'docker-compose.prod.yml']]) {
        const given = files.flatMap((file) => ['-f', join(ROOT, file)])
        const env = { ...process.env, API_KEY_SHA256: 'a'.repeat(64) }
        execFileSync('docker', ['compose', ...given, 'config', '--quiet'], { env })
      }
    },
  )

  it('alerts and draws by metrics that exist', async () => {
    const names = await metricNames()
    const { groups } = parse(read('config/examples/prometheus/alerts.yml'))
    const alerts = groups[0].rules.map(({ expr }: { expr: string }) => expr)
    const { panels } = JSON.parse(read('config/examples/grafana/oddline.json'))
    const drawn = panels.flatMap(({ targets }: { targets: { expr: string }[] }) => targets.map(({ expr }) => expr))
    for (const name of [...alerts, ...drawn].flatMap(ours)) expect(names).toContain(name)
  })

  it.skipIf(!has('promtool', '--version'))(
    'has a scrape and rules that promtool accepts (skipped where it is not installed)',
    () => {
      for (const name of ['prometheus.yml', 'alerts.yml'])
        writeFileSync(join(dir, name), read(`config/examples/prometheus/${name}`))
      writeFileSync(join(dir, 'oddline.key'), 'key')
      // Checks the rules that the configuration names as well.
      expect(() => execFileSync('promtool', ['check', 'config', join(dir, 'prometheus.yml')])).not.toThrow()
    },
  )

  it.skipIf(!has('nginx', '-v') || !has('openssl', 'version'))(
    'has an nginx example that nginx accepts (skipped where it is not installed)',
    () => {
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '1',
          '-subj',
          '/CN=x',
          '-keyout',
          join(dir, 'privkey.pem'),
          '-out',
          join(dir, 'fullchain.pem'),
        ],
        { stdio: 'ignore' },
      )
      const site = read('config/examples/nginx/oddline.conf').replaceAll('/etc/nginx/certs', dir)
      writeFileSync(join(dir, 'site.conf'), site)
      writeFileSync(
        join(dir, 'nginx.conf'),
        `pid ${dir}/nginx.pid; error_log stderr; events {} http { access_log off; include ${dir}/site.conf; }`,
      )
      expect(() => execFileSync('nginx', ['-t', '-q', '-c', join(dir, 'nginx.conf')])).not.toThrow()
    },
  )

  it.skipIf(!has('systemd-analyze', '--version'))(
    'has systemd units that systemd accepts (skipped where it is not installed)',
    () => {
      const folder = join(ROOT, 'config/examples/systemd')
      for (const unit of readdirSync(folder)) {
        // The program need not be installed where its units are checked.
        writeFileSync(
          join(dir, unit),
          readFileSync(join(folder, unit), 'utf8').replace('/usr/bin/oddline', process.execPath),
        )
      }
      const { stderr } = spawnSync(
        'systemd-analyze',
        ['verify', ...readdirSync(folder).map((unit) => join(dir, unit))],
        { encoding: 'utf8' },
      )
      expect(stderr.split('\n').filter((line) => line.includes(dir))).toEqual([])
    },
  )

  it.skipIf(!has('promtool', '--version'))(
    'draws by expressions that promtool understands (skipped where it is not installed)',
    () => {
      const { panels } = JSON.parse(read('config/examples/grafana/oddline.json'))
      const drawn: string[] = panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
        targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h')),
      )
      const rules = drawn.map((expr, i) => ({ record: `drawn:${i}`, expr }))
      writeFileSync(join(dir, 'drawn.yml'), JSON.stringify({ groups: [{ name: 'drawn', rules }] }))
      expect(() => execFileSync('promtool', ['check', 'rules', '--lint=none', join(dir, 'drawn.yml')])).not.toThrow()
    },
  )

  it('names the tools of the program in the example for assistants', () => {
    const { mcpServers } = JSON.parse(read('config/examples/claude_mcp_config.json'))
    expect(mcpServers.oddline.args).toContain('mcp')
  })
})
