import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILTIN_SINKS } from '../../sinks/builtin.ts'
import type { Finding } from '../../src/core/documents/finding.ts'
import { seeded } from '../../src/core/random.ts'
import { IncidentsConfig, SinksConfig } from '../../src/delivery/routing/config.ts'
import { configureSinks } from '../../src/delivery/routing/configure.ts'
import { enqueue } from '../../src/delivery/routing/enqueue.ts'
import { Dispatcher } from '../../src/delivery/sending/dispatcher.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'

/** A dispatcher with its own state directory and a simulated clock. */
export interface Simulated {
  readonly db: Database
  readonly dispatcher: Dispatcher
  commit(findings: readonly Finding[]): void
  /** Lets time pass in steps; what is due at each step is delivered. */
  pass(totalMs: number, stepMs: number): Promise<void>
  close(): Promise<void>
}

export async function simulated(sinks: Record<string, unknown>, time: { now: number }): Promise<Simulated> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-bench-delivery-'))
  const db = openDatabase(join(dir, 'state'))
  const dispatcher = new Dispatcher(db, await configureSinks(SinksConfig.parse(sinks), { builtin: BUILTIN_SINKS }), {
    clock: { now: () => time.now, monotonic: () => time.now },
    random: seeded(5),
    incidents: IncidentsConfig.parse(undefined),
  })
  db.prepare("INSERT INTO batches (id, started_at, status) VALUES ('b', 0, 'running')").run()
  return {
    db,
    dispatcher,
    commit: (findings) => db.transaction(() => insert(db, findings, dispatcher, time.now)).immediate(),
    async pass(totalMs, stepMs) {
      for (let passed = 0; passed < totalMs; passed += stepMs) {
        time.now += stepMs
        await dispatcher.turn()
      }
    },
    async close() {
      await dispatcher.stop(0)
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function insert(db: Database, findings: readonly Finding[], dispatcher: Dispatcher, now: number): void {
  const store = db
    .prepare<unknown[], number>(
      `INSERT INTO findings (id, batch, time, severity, score, session, document)
       VALUES (?, 'b', ?, ?, ?, ?, ?) RETURNING seq`,
    )
    .pluck()
  const rows = findings.map((finding) => {
    const { severity, score, session } = finding.oddline
    const values = [finding.event.id, Date.parse(finding['@timestamp']), severity, score, session]
    return { seq: store.get(...values, JSON.stringify(finding)) as number, finding }
  })
  enqueue(db, rows, dispatcher.routes, now)
}
