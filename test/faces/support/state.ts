import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Totals } from '../../../src/core/documents/batch.ts'
import { emptyTotals } from '../../../src/core/documents/batch.ts'
import type { Finding } from '../../../src/core/documents/finding.ts'
import { countTraffic, emptyTraffic } from '../../../src/core/documents/traffic.ts'
import { deterministicId } from '../../../src/core/ids.ts'
import { saveBatch } from '../../../src/store/batches.ts'
import { type Database, openDatabase } from '../../../src/store/database.ts'
import { insertFindings } from '../../../src/store/findings.ts'
import { NOON } from './findings.ts'

export interface TestState {
  readonly dir: string
  readonly db: Database
  remove(): void
}

/** A state directory of its own with a real database. */
export function makeState(): TestState {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-faces-'))
  const db = openDatabase(dir)
  return {
    dir,
    db,
    remove: () => {
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Records a batch as the pipeline does: its row, its findings, and the incidents that they form by address and attack. */
export function recordBatch(
  db: Database,
  id: string,
  findings: readonly Finding[],
  options: { readonly startedAt?: number; readonly lines?: number; readonly totals?: Partial<Totals> } = {},
): void {
  const startedAt = options.startedAt ?? NOON
  const totals: Totals = {
    ...emptyTotals(),
    lines: options.lines ?? findings.length,
    parsed: options.lines ?? findings.length,
    ...options.totals,
  }
  totals.traffic ??= trafficOf(findings)
  totals.findings.total = findings.length
  for (const { oddline } of findings) {
    totals.findings.by_severity[oddline.severity] = (totals.findings.by_severity[oddline.severity] ?? 0) + 1
    for (const type of oddline.attack_types)
      totals.findings.by_attack_type[type] = (totals.findings.by_attack_type[type] ?? 0) + 1
    for (const { detector } of oddline.evidence)
      totals.findings.by_detector[detector] = (totals.findings.by_detector[detector] ?? 0) + 1
  }
  saveBatch(db, { id, startedAt, finishedAt: startedAt + 1500, status: 'done', summary: JSON.stringify(totals) })
  for (const { seq, finding } of insertFindings(db, id, findings)) incident(db, seq, finding)
}

function trafficOf(findings: readonly Finding[]): Totals['traffic'] {
  const traffic = emptyTraffic()
  countTraffic(
    traffic,
    Float64Array.from(findings, (one) => Date.parse(one['@timestamp'])),
  )
  return traffic
}

function incident(db: Database, seq: number, finding: Finding): void {
  const { oddline } = finding
  const who = oddline.session
  const what = oddline.attack_types[0] ?? 'isolation_forest'
  const id = deterministicId(who, what)
  const time = Date.parse(finding['@timestamp'])
  db.prepare(
    `INSERT INTO incidents (id, status, severity, who, what, first_seen, last_seen, findings, strongest, score, summary, opened_at, touched_at)
     VALUES (:id, 'open', :severity, :who, :what, :time, :time, 1, :strongest, :score, :summary, :time, :time)
     ON CONFLICT (id) DO UPDATE SET findings = findings + 1, last_seen = max(last_seen, :time), touched_at = touched_at + 1`,
  ).run({
    id,
    severity: oddline.severity,
    who,
    what,
    time,
    strongest: finding.event.id,
    score: oddline.score,
    summary: `${what} from ${who}`,
  })
  db.prepare('INSERT OR IGNORE INTO incident_findings (incident, seq) VALUES (?, ?)').run(id, seq)
}
