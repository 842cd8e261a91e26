import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUILTIN_SINKS } from '../../sinks/builtin.ts'
import type { Finding } from '../../src/core/documents/finding.ts'
import { IncidentsConfig, SinksConfig } from '../../src/delivery/routing/config.ts'
import { type ConfiguredSink, configureSinks } from '../../src/delivery/routing/configure.ts'
import { enqueue } from '../../src/delivery/routing/enqueue.ts'
import type { Routes } from '../../src/delivery/routing/routes.ts'
import type { SinkDefinition } from '../../src/delivery/sink/sink.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'

export interface State {
  readonly db: Database
  readonly dir: string
  close(): void
}

/** A real state database in its own directory. */
export function aState(): State {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-delivery-'))
  const db = openDatabase(join(dir, 'state'))
  return {
    db,
    dir,
    close() {
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Stores findings and queues them in one transaction, as the pipeline does. */
export function commit(db: Database, findings: readonly Finding[], routes: Routes, now: number) {
  return db
    .transaction(() => {
      db.prepare("INSERT OR IGNORE INTO batches (id, started_at, status) VALUES ('b', 0, 'running')").run()
      const insert = db.prepare<unknown[], { seq: number }>(
        `INSERT INTO findings (id, batch, time, severity, score, session, document) VALUES (?, 'b', ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING RETURNING seq`,
      )
      const rows = findings.flatMap((finding) => {
        const { severity, score, session } = finding.oddline
        const time = Date.parse(finding['@timestamp'])
        const row = insert.get(finding.event.id, time, severity, score, session, JSON.stringify(finding))
        return row ? [{ seq: row.seq, finding }] : []
      })
      return enqueue(db, rows, routes, now)
    })
    .immediate()
}

export async function configured(
  sinks: Record<string, unknown>,
  more: readonly SinkDefinition[] = [],
): Promise<ConfiguredSink[]> {
  return await configureSinks(SinksConfig.parse(sinks), { builtin: [...BUILTIN_SINKS, ...more] })
}

export const incidentsConfig = IncidentsConfig.parse(undefined)
