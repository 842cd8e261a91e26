import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { sink as fileSink } from '../../sinks/file/sink.ts'
import { ConfigSchema } from '../../src/config/schema.ts'
import { systemClock } from '../../src/core/clock.ts'
import { seeded } from '../../src/core/random.ts'
import { configureSinks } from '../../src/delivery/routing/configure.ts'
import { resolveQuiet } from '../../src/delivery/routing/enqueue.ts'
import { Dispatcher } from '../../src/delivery/sending/dispatcher.ts'
import { Engine } from '../../src/pipeline/engine/engine.ts'
import { retentionStatus } from '../../src/queries/retention.ts'
import { openDatabase } from '../../src/store/database.ts'
import { bytesIn } from '../support/disk.ts'
import { stampOf } from '../support/stamp.ts'
import type { Outcome } from './scenario.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const BEGIN = Date.UTC(2026, 4, 10)
const DISK_MB = 200
const ATTACKS_AN_HOUR = 400
const ACTORS_AN_HOUR = 40

/** A day of watching a site on which nothing odd happens: a batch each minute, with three new lines. */
export const idleDay = {
  name: 'idle watching for a simulated day',
  async run(dir: string): Promise<Outcome> {
    return atTime(async (setTime) => {
      const { engine, append, out, stateDir } = await start(dir, dir)
      let lines = 0
      for (let minute = 0; minute < 24 * 60; minute++) {
        setTime(BEGIN + minute * MINUTE_MS)
        append(Array.from({ length: 3 }, (_, i) => ordinary(BEGIN + minute * MINUTE_MS + i)))
        lines += (await engine.run({ dryRun: false, signal: new AbortController().signal })).totals.lines
      }
      await engine.close()
      const folders = existsSync(out) ? readdirSync(out).length : 0
      const figures = { idle_folders: folders, disk_mb: bytesIn(stateDir) / 1e6 }
      return { ok: folders === 0 && lines === 3 * 24 * 60, detail: `${folders} folders, ${lines} lines`, figures }
    })
  },
}

/**
 * A week of attacks on a disk of 200 MB, with batches every hour and a sink that is reached once a day. Where no small
 * disk can be mounted, the limits of such a disk are set instead.
 */
export const smallDisk = {
  name: 'a disk of 200 MB for a simulated week',
  async run(dir: string): Promise<Outcome> {
    const disk = join(dir, 'disk')
    mkdirSync(disk)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk]).status === 0
    try {
      return await atTime((setTime) => playWeek(dir, disk, mounted, setTime))
    } finally {
      if (mounted) spawnSync('umount', ['-l', disk])
    }
  },
}

async function playWeek(dir: string, disk: string, mounted: boolean, setTime: (now: number) => void): Promise<Outcome> {
  const received = join(dir, 'received.jsonl')
  const sinks = await configureSinks(
    { kept: { type: 'file', path: received, max_bytes: 1e10 } },
    { builtin: [fileSink] },
  )
  const limit = `${DISK_MB / 4}MB`
  const retention = mounted ? {} : { max_database: limit, max_output: limit }
  const { engine, append, stateDir, incidents } = await start(dir, disk, { retention, sinks })
  const db = openDatabase(stateDir)
  const dispatcher = new Dispatcher(db, sinks, { clock: systemClock, random: seeded(1), incidents })
  let found = 0
  let peak = 0
  let undelivered = 0
  for (let hour = 0; hour < 7 * 24; hour++) {
    const now = BEGIN + hour * HOUR_MS
    setTime(now)
    append(Array.from({ length: ATTACKS_AN_HOUR }, (_, i) => attack(now + i, hour, i % ACTORS_AN_HOUR)))
    found += (await engine.run({ dryRun: false, signal: new AbortController().signal })).totals.findings.total
    peak = Math.max(peak, bytesIn(disk))
    resolveQuiet(db, dispatcher.routes, now)
    if (hour % 24 === 23) undelivered = (await dispatcher.drain(600_000)).pending
  }
  await engine.close()
  const { removed } = retentionStatus(db)
  await dispatcher.stop(0)
  db.close()
  const ids = readFileSync(received, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).event.id as string)
  const lost = found - new Set(ids).size
  const doubled = ids.length - new Set(ids).size
  const figures = {
    ...{ findings: found, findings_lost: lost, findings_doubled: doubled, undelivered },
    ...{ findings_removed: removed?.total.findings ?? 0, folders_removed: removed?.total.folders ?? 0 },
    ...{ disk_mb: peak / 1e6, small_disks_mounted: mounted ? 1 : 0 },
  }
  const ok = lost === 0 && doubled === 0 && undelivered === 0 && figures.findings_removed > 0 && peak < DISK_MB * 1e6
  return { ok, detail: JSON.stringify(figures), figures }
}

interface More {
  readonly retention?: object
  readonly sinks?: Awaited<ReturnType<typeof configureSinks>>
}

/** An engine that watches `dir/log` and keeps its state and results in `disk`. */
async function start(dir: string, disk: string, { retention = {}, sinks = [] }: More = {}) {
  const [log, out, stateDir] = [join(dir, 'log'), join(disk, 'out'), join(disk, 'state')]
  mkdirSync(log)
  const config = ConfigSchema.parse({
    ...{ logs: { dir: log }, output: { dir: out }, state: { dir: stateDir }, retention, workers: 1 },
    detection: { frozen: true },
  })
  const reporter = new URL(`../../src/faces/report/write${extname(import.meta.url)}`, import.meta.url).href
  const routed = sinks.map(({ name, takes, settings }) => ({ name, takes, settings }))
  const engine = await Engine.open({ ...config, sinks: routed, reporter }, (event) => {
    if (event.type === 'retention_failed') throw new Error(event.reason)
  })
  const append = (lines: readonly string[]) =>
    appendFileSync(join(log, 'access.log'), lines.map((line) => `${line}\n`).join(''))
  return { engine, append, out, stateDir, incidents: config.incidents }
}

/** Runs `play` at a time that it sets itself. */
async function atTime<T>(play: (setTime: (now: number) => void) => Promise<T>): Promise<T> {
  const clock = systemClock as { now(): number }
  const real = clock.now
  try {
    return await play((now) => {
      const began = performance.now()
      clock.now = () => Math.trunc(now + performance.now() - began)
    })
  } finally {
    clock.now = real
  }
}

function ordinary(time: number): string {
  return `198.51.100.${time % 200} - - [${stampOf(time)}] "GET /articles/${time % 7} HTTP/1.1" 200 5120 "-" "Mozilla/5.0"`
}

function attack(time: number, hour: number, actor: number): string {
  return `10.${hour}.0.${actor} - - [${stampOf(time)}] "GET /item?id=${time % 1000}%27%20UNION%20SELECT%20password%20FROM%20users--%20 HTTP/1.1" 200 512 "-" "curl/8.5"`
}
