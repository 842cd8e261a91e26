import { expect, test } from 'vitest'
import { readTotals } from '../../../src/queries/batches.ts'
import { saveBatch } from '../../../src/store/batches.ts'
import type { Database } from '../../../src/store/database.ts'
import { insertFindings } from '../../../src/store/findings.ts'
import { Incidents } from '../../../src/store/incidents.ts'
import { OldRows } from '../../../src/store/retention/old-rows.ts'
import { pastTotals } from '../../../src/store/retention/past-totals.ts'
import { aFinding } from '../../support/blocks/findings.ts'
import { aDatabase } from '../support.ts'

/** Batches `b0`, `b1` ... that began at 0, 1 ..., each with some findings, of which all make one incident `i0`, `i1` ... */
function withBatches(sizes: readonly number[], status: 'open' | 'resolved' = 'resolved'): Database {
  const db = aDatabase()
  const incidents = new Incidents(db)
  sizes.forEach((size, at) => {
    const summary = JSON.stringify({ parsed: 100, rejected: 2, skipped: 1, bytes: 5000 })
    saveBatch(db, { id: `b${at}`, startedAt: at, finishedAt: at + 1, status: 'done', summary })
    const findings = Array.from({ length: size }, (_, i) => aFinding({ n: 10_000 * at + i, who: `10.0.0.${at}` }))
    const stored = insertFindings(db, `b${at}`, findings)
    if (size === 0) return
    const strongest = findings[size - 1].event.id
    incidents.save(
      {
        ...{ id: `i${at}`, status, severity: 'high', who: `10.0.0.${at}`, what: 'sqli', firstSeen: 0, lastSeen: 1 },
        ...{ findings: size, strongest, score: 0.9, summary: '' },
      },
      at,
    )
    for (const { seq } of stored) incidents.hold(`i${at}`, seq)
  })
  return db
}

function removeAll(db: Database, before = Number.POSITIVE_INFINITY): void {
  const rows = new OldRows(db)
  while (rows.step(before)) {}
}

const count = (db: Database, table: string, where = 'true') =>
  db.prepare(`SELECT count(*) FROM ${table} WHERE ${where}`).pluck().get()
const keptBatches = (db: Database) => db.prepare('SELECT id FROM batches ORDER BY id').pluck().all()

test('batches that began before the limit go with their findings and incidents, the others stay', () => {
  const db = withBatches([3, 250, 2])
  db.exec(`INSERT INTO notices (sink, incident, due_at, told) VALUES ('people', 'i1', NULL, 1)`)
  db.exec(`INSERT INTO dead_letters VALUES (1, 'siem', 2, NULL, 'invalid_event', 'no', 2, 9)`)
  db.exec(`INSERT INTO verdicts SELECT id, 'benign', '', 'ann', 1 FROM findings WHERE seq = 1`)
  removeAll(db, 2)
  expect(keptBatches(db)).toEqual(['b2'])
  expect(count(db, 'findings')).toBe(2)
  expect(db.prepare('SELECT id FROM incidents').pluck().all()).toEqual(['i2'])
  expect(['notices', 'dead_letters', 'verdicts'].map((table) => count(db, table))).toEqual([0, 0, 0])
  expect(count(db, 'incident_findings')).toBe(2)
})

test('what is owed to a sink stays with its batch until it is delivered', () => {
  const db = withBatches([3, 3])
  db.exec(`INSERT INTO outbox (sink, seq, queued_at, due_at) VALUES ('siem', 2, 0, 0)`)
  removeAll(db)
  // The strongest of the incident is shown with it.
  expect(db.prepare('SELECT seq FROM findings').pluck().all()).toEqual([2, 3])
  expect([keptBatches(db), count(db, 'incidents')]).toEqual([['b0'], 1])
  db.exec('DELETE FROM outbox')
  removeAll(db)
  expect(['findings', 'batches', 'incidents'].map((table) => count(db, table))).toEqual([0, 0, 0])
})

test('an open severe incident keeps its first hundred findings and the strongest', () => {
  const db = withBatches([300], 'open')
  removeAll(db)
  expect(count(db, 'findings', 'seq <= 100')).toBe(100)
  expect(db.prepare('SELECT seq FROM findings WHERE seq > 100').pluck().all()).toEqual([300])
  db.exec(`UPDATE incidents SET status = 'resolved'`)
  removeAll(db)
  expect(['findings', 'incidents'].map((table) => count(db, table))).toEqual([0, 0])
})

test('an incident that people are still to be told of keeps what it is told with', () => {
  const db = withBatches([3])
  db.exec(`INSERT INTO notices (sink, incident, due_at) VALUES ('people', 'i0', 5)`)
  removeAll(db)
  expect(['findings', 'incidents', 'notices'].map((table) => count(db, table))).toEqual([3, 1, 1])
})

test('the batch under way keeps everything', () => {
  const db = withBatches([3])
  db.exec(`UPDATE batches SET status = 'running'`)
  removeAll(db)
  expect(count(db, 'findings')).toBe(3)
})

test('the strongest finding stays as long as its incident has another one', () => {
  const db = withBatches([2, 1])
  db.exec(`UPDATE incident_findings SET incident = 'i0' WHERE seq = 3`)
  removeAll(db, 1)
  expect(db.prepare('SELECT seq FROM findings').pluck().all()).toEqual([2, 3])
})

test('counters that count from the beginning do not fall', () => {
  const db = withBatches([3, 2])
  const before = readTotals(db)
  removeAll(db, 1)
  expect(readTotals(db)).toEqual(before)
  expect(pastTotals(db, 'findings')).toEqual({ 'critical/rules': 3, 'critical/isolation_forest': 3 })
  expect(pastTotals(db, 'batches')).toEqual({ done: 1 })
})

test('dead letters and silences that ended before the limit go, however new their batch is', () => {
  const db = withBatches([3])
  db.exec(
    `INSERT INTO dead_letters VALUES (1, 'siem', 2, NULL, 'invalid_event', 'no', 2, 9), (2, 'siem', 3, NULL, 'invalid_event', 'no', 2, 99)`,
  )
  db.exec(
    `INSERT INTO silences VALUES (1, '{"who":"eve"}', 'test', 'ann', 1, 9), (2, '{"who":"eve"}', 'test', 'ann', 1, 99)`,
  )
  expect(new OldRows(db).stepLoose(50)).toBe(1)
  expect([count(db, 'dead_letters'), count(db, 'silences')]).toEqual([1, 1])
})
