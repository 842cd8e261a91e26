import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seeded } from '../../src/core/random.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import type { ElasticsearchServer } from '../../test/support/servers/elasticsearch-server.ts'
import { type Arrival, arrivalOf, type Receiver, receivers } from './receivers.ts'
import { incidentFinding } from './workload.ts'

const FINDINGS = 10_000
const KILLS = 20
const OUTAGES = 3
const OUTAGE_MS = 3_000
/** Longest time that the last stretch may take. */
const PATIENCE_MS = 300_000

/** Ten thousand findings to four receivers, with faults at random, twenty kills and three outages of everything. */
export async function chaos(elasticsearch: ElasticsearchServer | undefined): Promise<Record<string, number>> {
  const expected = Array.from({ length: FINDINGS }, (_, n) => arrivalOf(incidentFinding(n)))
  const byId = new Map(expected.map((arrival) => [arrival.id, arrival]))
  const dir = mkdtempSync(join(tmpdir(), 'oddline-bench-delivery-'))
  const all = await receivers(elasticsearch, byId)
  for (const { name, kind } of all) console.log(`${name}: ${kind}`)
  const sinks = Object.fromEntries(all.map(({ name, config }) => [name, config]))
  const start = async () => await started(join(dir, 'state'), sinks)

  const random = seeded(7)
  let worker = await start()
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(300 + random() * 1_500)
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    worker = await start()
  }
  console.log(`${KILLS} kills done`)
  const recoveries = await outages(all)
  console.log(`${OUTAGES} outages done; recovered after ${recoveries.map((r) => r.join('/')).join(', ')} ms`)
  const db = openDatabase(join(dir, 'state'))
  const finished = await drained(db)
  worker.kill('SIGKILL')
  await once(worker, 'exit')

  const figures: Record<string, number> = { findings: FINDINGS, kills: KILLS, drained: finished ? 1 : 0 }
  figures.recovery_ms_max = Math.max(...recoveries.flat())
  for (const [i, perReceiver] of recoveries.entries()) figures[`recovery_ms_outage_${i + 1}`] = Math.max(...perReceiver)
  for (const receiver of all) Object.assign(figures, await verdict(receiver, expected))
  Object.assign(figures, slackVerdict(db))
  const faults = all.flatMap(({ proxy }) => [...proxy.struck.values()])
  figures.faults = faults.reduce((sum, count) => sum + count, 0)
  db.close()
  for (const receiver of all) await receiver.close()
  rmSync(dir, { recursive: true, force: true })
  return figures
}

async function started(stateDir: string, sinks: Record<string, unknown>): Promise<ChildProcess> {
  const path = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url))
  const child = fork(path, [stateDir, String(FINDINGS), JSON.stringify(sinks)])
  await once(child, 'message')
  return child
}

/** @returns for each outage, per receiver, ms from its end to the first answer that got through */
async function outages(all: readonly Receiver[]): Promise<number[][]> {
  const recoveries: number[][] = []
  for (let i = 0; i < OUTAGES; i++) {
    await sleep(2_000)
    await Promise.all(all.map(({ proxy }) => proxy.down()))
    await sleep(OUTAGE_MS)
    await Promise.all(all.map(({ proxy }) => proxy.up()))
    const up = Date.now()
    await sleep(6_000)
    recoveries.push(all.map(({ proxy }) => (proxy.passed.find((at) => at >= up) ?? Number.POSITIVE_INFINITY) - up))
  }
  return recoveries
}

/** Waits until everything is committed and every queue empty. */
async function drained(db: Database): Promise<boolean> {
  const committed = db.prepare<[], number>('SELECT count(*) FROM findings').pluck()
  const queued = db
    .prepare<[], number>(
      'SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM notices WHERE due_at IS NOT NULL)',
    )
    .pluck()
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    if (committed.get() === FINDINGS && queued.get() === 0) return true
    await sleep(500)
  }
  return false
}

async function verdict(receiver: Receiver, expected: readonly Arrival[]): Promise<Record<string, number>> {
  if (!receiver.arrivals) return {}
  const arrived = await receiver.arrivals()
  const first = new Map<string, Arrival>()
  for (const arrival of arrived) if (!first.has(arrival.id)) first.set(arrival.id, arrival)
  return {
    [`${receiver.name}_lost`]: expected.filter(({ id }) => !first.has(id)).length,
    [`${receiver.name}_repeated`]: arrived.length - first.size,
    [`${receiver.name}_out_of_order`]: outOfOrder([...first.values()]),
  }
}

/** Findings that came after a later one of the same incident, by their first arrival. */
function outOfOrder(arrivals: readonly Arrival[]): number {
  const latest = new Map<string, number>()
  let count = 0
  for (const { who, n } of arrivals) {
    if (n < (latest.get(who) ?? -1)) count++
    else latest.set(who, n)
  }
  return count
}

/** People get incidents: none may be untold, and what they were told must add up to every finding. */
function slackVerdict(db: Database): Record<string, number> {
  const incidents = db.prepare<[], number>('SELECT count(*) FROM incidents').pluck().get() as number
  const told = db
    .prepare<[], { incidents: number; findings: number }>(
      'SELECT count(*) AS incidents, coalesce(sum(told_findings), 0) AS findings FROM notices WHERE told > 0',
    )
    .get()
  return {
    slack_incidents_untold: incidents - (told?.incidents ?? 0),
    slack_lost: FINDINGS - (told?.findings ?? 0),
    dead_letters: db.prepare<[], number>('SELECT count(*) FROM dead_letters').pluck().get() as number,
  }
}
