import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { answering } from './answering.ts'
import { freePort } from './free-port.ts'

/**
 * A real Elasticsearch: the distribution that its makers publish to Maven Central for integration tests. It has the
 * server, data streams and the bulk API; lifecycle management and Kibana are not in it.
 */
const VERSION = '8.19.0'
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${VERSION}:zip`

export interface ElasticsearchServer {
  readonly url: string
  readonly version: string
  stop(): void
}

/** Starts it, or says why it cannot be. `install` allows fetching it with Maven; without, only a copy at hand is used. */
export async function elasticsearchServer(options: {
  readonly install: boolean
}): Promise<ElasticsearchServer | { readonly missing: string }> {
  const zip = join(
    homedir(),
    '.m2/repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch',
    VERSION,
    `elasticsearch-${VERSION}.zip`,
  )
  try {
    if (!existsSync(zip) && options.install) {
      execFileSync('mvn', ['-q', '-B', 'dependency:get', '-Dtransitive=false', `-Dartifact=${ARTIFACT}`], {
        stdio: 'ignore',
      })
    }
    if (!existsSync(zip)) return { missing: `Elasticsearch is not here (mvn dependency:get -Dartifact=${ARTIFACT})` }
    return await start(zip, await freePort())
  } catch (error) {
    return { missing: `Elasticsearch does not start: ${(error as Error).message}` }
  }
}

async function start(zip: string, port: number): Promise<ElasticsearchServer> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-elasticsearch-'))
  execFileSync('unzip', ['-q', zip, '-d', dir])
  const home = join(dir, `elasticsearch-${VERSION}`)
  mkdirSync(join(home, 'logs'), { recursive: true })
  writeFileSync(
    join(home, 'config/elasticsearch.yml'),
    [
      'discovery.type: single-node',
      `http.port: ${port}`,
      'network.host: 127.0.0.1',
      'xpack.security.enabled: false',
      'cluster.routing.allocation.disk.threshold_enabled: false',
      '',
    ].join('\n'),
  )
  chmodSync(dir, 0o755)
  const child = spawnUnprivileged(home)
  const stop = () => {
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await answering(child, `http://127.0.0.1:${port}/_cluster/health`, { seconds: 120 })
  } catch (error) {
    stop()
    throw error
  }
  return { url: `http://127.0.0.1:${port}`, version: VERSION, stop }
}

/** Elasticsearch refuses to run as root; `nobody` is everywhere. */
function spawnUnprivileged(home: string): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, ES_JAVA_OPTS: '-Xms512m -Xmx512m' }
  const java = ['/usr/lib/jvm/java-17-openjdk-amd64', '/usr/lib/jvm/default-java'].find((path) => existsSync(path))
  if (java) env.ES_JAVA_HOME = java
  const binary = join(home, 'bin/elasticsearch')
  const options = { env, stdio: 'ignore', detached: true } as const
  if (userInfo().uid !== 0) return spawn(binary, [], options)
  execFileSync('chown', ['-R', 'nobody', home])
  return spawn('setpriv', ['--reuid', 'nobody', '--clear-groups', binary], options)
}
