import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { Reader } from '../../src/reading/reader.ts'
import { openDatabase } from '../../src/store/database.ts'
import { loadOffsets, saveOffsets } from '../../src/store/offsets.ts'
import { debian } from '../../test/support/servers/debian.ts'

export type Method = 'create' | 'copytruncate'

export interface ServerResult {
  readonly requests: number
  readonly linesIn: number
  readonly linesOut: number
  readonly rotations: number
  readonly duplicates: number
  /** Lines that are in a file at the end and were not read. */
  readonly losses: number
  /**
   * Requests answered whose line is in no file: with copytruncate those written between the end of the copy and the
   * truncation; with rename those that Apache answers on a connection that its graceful restart closes.
   */
  readonly unlogged: number
  /** copytruncate: lines that are in no file any more, because we read them before that race took them. */
  readonly rescued: number
  /** copytruncate: lines cut in two by that race. */
  readonly torn: number
}

const LOAD_CONNECTIONS = 16
const ROTATE_EVERY_MS = 400
const READ_EVERY_MS = 150
/** An id that no other request has ends every line. */
const LINE = /"id=([\w@-]+)"$/

/** Apache httpd and nginx write under load, logrotate rotates and compresses, and we read all the while. */
export async function readServers(method: Method, requests: number): Promise<ServerResult | undefined> {
  const programs = [
    ['logrotate', 'logrotate'],
    ['apache2', 'apache2-bin'],
    ['nginx', 'nginx-light'],
    ['ab', 'apache2-utils'],
  ] as const
  if (!programs.every(([program, packageName]) => debian(program, packageName))) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'oddline-servers-'))
  chmodSync(dir, 0o755)
  const servers = [await startNginx(dir), await startApache(dir)]
  try {
    return await observe(dir, servers, method, requests)
  } finally {
    for (const server of servers) server.process.kill('SIGTERM')
    await Promise.all(servers.map(({ process }) => process.exitCode ?? once(process, 'exit')))
    rmSync(dir, { recursive: true })
  }
}

interface Server {
  readonly process: ChildProcess
  readonly port: number
  readonly log: string
  /** Signal that makes it reopen its log. */
  readonly reopen: 'USR1'
}

async function startNginx(dir: string): Promise<Server> {
  const port = await freePort()
  const log = logIn(dir, 'nginx.log')
  const config = join(dir, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/nginx-error.txt;
events { worker_connections 256; }
http {
  log_format ids '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "-" "id=$request_id"';
  access_log ${log} ids;
  keepalive_requests 1000000;
  server { listen 127.0.0.1:${port}; location / { return 200 "ok"; } }
}
`,
  )
  return started({ process: spawn('nginx', ['-c', config, '-p', dir], { stdio: 'ignore' }), port, log, reopen: 'USR1' })
}

async function startApache(dir: string): Promise<Server> {
  const port = await freePort()
  const log = logIn(dir, 'apache.log')
  const config = join(dir, 'apache.conf')
  const modules = '/usr/lib/apache2/modules'
  const load = ['mpm_event', 'authz_core', 'unique_id', 'dir', 'mime']
    .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`)
    .join('\n')
  mkdirSync(join(dir, 'htdocs'))
  writeFileSync(join(dir, 'htdocs', 'index.html'), 'ok')
  writeFileSync(
    config,
    `${load}
ServerName localhost
ServerRoot ${dir}
PidFile ${dir}/apache.pid
Listen 127.0.0.1:${port}
User www-data
Group www-data
TypesConfig /dev/null
DocumentRoot ${dir}/htdocs
DirectoryIndex index.html
MaxKeepAliveRequests 0
ErrorLog ${dir}/apache-error.txt
LogFormat "%h - - %t \\"%r\\" %>s %B \\"-\\" \\"id=%{UNIQUE_ID}e\\"" ids
CustomLog ${log} ids
`,
  )
  const process = spawn('apache2', ['-f', config, '-DFOREGROUND'], { stdio: 'ignore' })
  return started({ process, port, log, reopen: 'USR1' })
}

function logIn(dir: string, name: string): string {
  mkdirSync(join(dir, 'log'), { recursive: true })
  return join(dir, 'log', name)
}

async function started(server: Server): Promise<Server> {
  for (let tries = 0; tries < 100; tries++) {
    if (spawnSync('ab', ['-q', '-n', '1', `http://127.0.0.1:${server.port}/`]).status === 0) return server
    await pause(100)
  }
  throw new Error(`Nothing listens on port ${server.port}.`)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

async function observe(
  dir: string,
  servers: readonly Server[],
  method: Method,
  requests: number,
): Promise<ServerResult> {
  const watcher = new Watcher(dir)
  const loads = servers.map((server) => load(server.port, Math.ceil(requests / servers.length)))
  const loaded = Promise.all(loads)
  let running = true
  void loaded.finally(() => {
    running = false
  })
  let rotations = 0
  let rotated = Date.now()
  while (running) {
    await watcher.read(3_600_000)
    if (Date.now() - rotated >= ROTATE_EVERY_MS) {
      rotate(dir, servers, method)
      rotations += servers.length
      rotated = Date.now()
    }
    await pause(READ_EVERY_MS)
  }
  const done = (await loaded).reduce((sum, count) => sum + count, 0)
  await pause(1_500)
  await watcher.read(0)
  await watcher.read(0)
  watcher.close()
  return {
    ...compare(watcher.ids, idsOf(join(dir, 'log')), done + servers.length),
    rotations,
    torn: watcher.torn,
  }
}

/** Reads as runs do that know only what the database knows. */
class Watcher {
  readonly ids: string[] = []
  torn = 0
  readonly #logDir: string
  readonly #db: ReturnType<typeof openDatabase>

  constructor(dir: string) {
    this.#logDir = join(dir, 'log')
    this.#db = openDatabase(join(dir, 'state'))
  }

  async read(settleMs: number): Promise<void> {
    const reader = new Reader(
      {
        logDir: this.#logDir,
        include: ['**/*'],
        exclude: [],
        maxRecordBytes: 64 * 1024,
        chunkBytes: 1024 * 1024,
        sniff: () => ({ format: 'access', framing: 'lines', context: '' }),
        settleMs,
        maxOpenFiles: 64,
        clock: { now: () => Date.now() },
      },
      loadOffsets(this.#db),
    )
    await reader.discover()
    for (let read = await reader.next(); read !== undefined; read = await reader.next()) {
      const { bytes, count, starts, ends } = read.block
      for (let i = 0; i < count; i++) {
        const id = LINE.exec(bytes.toString('latin1', starts[i], ends[i]))?.[1]
        if (id === undefined) this.torn++
        else this.ids.push(id)
      }
    }
    this.#db.transaction(() => saveOffsets(this.#db, reader.moved()))()
    await reader.close()
  }

  close(): void {
    this.#db.close()
  }
}

/** Sends the requests and returns how many were answered completely. */
async function load(port: number, count: number): Promise<number> {
  const ab = spawn('ab', ['-q', '-k', '-c', String(LOAD_CONNECTIONS), '-n', String(count), `http://127.0.0.1:${port}/`])
  let out = ''
  ab.stdout.on('data', (chunk) => {
    out += chunk
  })
  await once(ab, 'close')
  const counted = (name: string) => Number(new RegExp(`${name} requests:\\s+(\\d+)`).exec(out)?.[1] ?? 0)
  return counted('Complete') - counted('Failed')
}

function rotate(dir: string, servers: readonly Server[], method: Method): void {
  const config = join(dir, 'logrotate.conf')
  const sections = servers.map(({ log, process, reopen }) => {
    const how =
      method === 'copytruncate'
        ? 'copytruncate'
        : `create\n  postrotate\n    kill -${reopen} ${process.pid}\n  endscript`
    return `${log} {\n  size 1\n  rotate 1000\n  compress\n  delaycompress\n  missingok\n  ${how}\n}\n`
  })
  writeFileSync(config, sections.join(''), { mode: 0o644 })
  execFileSync('logrotate', ['-f', '-s', join(dir, 'logrotate.state'), config], { stdio: 'ignore' })
}

/** Every id found in a file at the end. */
function idsOf(logDir: string): Set<string> {
  const ids = new Set<string>()
  for (const name of readdirSync(logDir)) {
    const bytes = readFileSync(join(logDir, name))
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
    for (const line of text.split('\n')) {
      const id = LINE.exec(line)?.[1]
      if (id !== undefined) ids.add(id)
    }
  }
  return ids
}

/**
 * Nothing is deleted, so what is in the files at the end, with what was read before the writer's race of copytruncate took
 * it, is what was there to be read. Of a rename all lines are there that the server logged.
 */
function compare(read: readonly string[], inFiles: ReadonlySet<string>, requests: number) {
  const unique = new Set(read)
  const there = new Set([...inFiles, ...unique])
  return {
    requests,
    linesIn: there.size,
    linesOut: read.length,
    duplicates: read.length - unique.size,
    losses: there.size - unique.size,
    unlogged: requests - there.size,
    rescued: unique.size - [...inFiles].filter((id) => unique.has(id)).length,
  }
}
