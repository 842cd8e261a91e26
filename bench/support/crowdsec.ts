import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Measured, measure } from './measure.ts'

/** What reads a request of an Apache log, and the scenarios of the hub about HTTP that have one bucket for each address. */
const PARSERS = [
  ['s00-raw', 'crowdsecurity/syslog-logs'],
  ['s01-parse', 'crowdsecurity/apache2-logs'],
  ['s02-enrich', 'crowdsecurity/dateparse-enrich'],
  ['s02-enrich', 'crowdsecurity/http-logs'],
] as const
const SCENARIOS = /^http-.*\.yaml$/

/**
 * Debian's CrowdSec over a Combined log, with every HTTP scenario of the hub that the package brings. The package is
 * unpacked in `dir` and not installed, because its installation wants the network.
 */
export async function crowdsec(dir: string, log: string): Promise<Measured | undefined> {
  mkdirSync(dir)
  const unpack =
    'apt-get download crowdsec || { apt-get update && apt-get download crowdsec; } && dpkg -x crowdsec_*.deb .'
  if (spawnSync('sh', ['-c', unpack], { cwd: dir, stdio: 'ignore' }).status !== 0) return undefined
  const config = configure(dir)
  const program = (name: string) => join(dir, 'usr/bin', name)
  spawnSync(program('cscli'), [
    '-c',
    config,
    'machines',
    'add',
    'bench',
    '--auto',
    '--force',
    '-f',
    join(dir, 'etc/lapi.yaml'),
  ])
  const measured = await measure(program('crowdsec'), ['-c', config, '-dsn', `file://${log}`, '-type', 'apache2'])
  return measured.code === 0 ? measured : undefined
}

function configure(dir: string): string {
  const [home, shared] = [join(dir, 'etc'), join(dir, 'usr/share/crowdsec')]
  cpSync(join(shared, 'data'), join(dir, 'data'), { recursive: true })
  const link = (kind: string, path: string) => {
    mkdirSync(join(home, kind), { recursive: true })
    symlinkSync(join(shared, 'hub', kind, path), join(home, kind, path.split('/').at(-1)!))
  }
  for (const [stage, name] of PARSERS) link(`parsers/${stage}`, `${name}.yaml`)
  const hub = 'crowdsecurity'
  for (const name of readdirSync(join(shared, 'hub/scenarios', hub)))
    if (SCENARIOS.test(name)) link('scenarios', `${hub}/${name}`)
  mkdirSync(join(home, 'postoverflows'), { recursive: true })
  cpSync(join(home, 'crowdsec/patterns'), join(home, 'patterns'), { recursive: true })
  for (const name of ['lapi.yaml', 'acquis.yaml', 'profiles.yaml', 'simulation.yaml'])
    writeFileSync(join(home, name), '')
  cpSync(join(home, 'crowdsec/profiles.yaml'), join(home, 'profiles.yaml'))
  writeFileSync(join(home, 'simulation.yaml'), 'simulation: false\n')
  const path = join(home, 'config.yaml')
  const value = {
    common: { daemonize: false, log_media: 'stdout', log_level: 'error', working_dir: '.' },
    config_paths: {
      config_dir: home,
      data_dir: join(dir, 'data'),
      simulation_path: join(home, 'simulation.yaml'),
      hub_dir: join(shared, 'hub'),
      index_path: join(shared, 'hub/.index.json'),
      plugin_dir: join(dir, 'usr/lib/crowdsec/plugins'),
      notification_dir: join(home, 'notifications'),
    },
    crowdsec_service: { acquisition_path: join(home, 'acquis.yaml'), parser_routines: 2 },
    cscli: { output: 'human' },
    db_config: { type: 'sqlite', db_path: join(dir, 'data/crowdsec.db'), log_level: 'error' },
    api: {
      client: { credentials_path: join(home, 'lapi.yaml') },
      server: { listen_uri: '127.0.0.1:18080', profiles_path: join(home, 'profiles.yaml'), log_level: 'error' },
    },
    prometheus: { enabled: false },
  }
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(value))
  return path
}
