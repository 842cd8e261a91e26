import { describe, expect, test } from 'vitest'
import type { Incident } from '../../src/core/documents/incident.ts'
import { listBatches } from '../../src/queries/batches.ts'
import { incidentByPrefix, listIncidents } from '../../src/queries/findings/incidents.ts'
import { runningBatch, saveBatch } from '../../src/store/batches.ts'
import { findingsOfBatch, insertFindings } from '../../src/store/findings.ts'
import { Incidents } from '../../src/store/incidents.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { aDatabase, withFindings } from './support.ts'

const anIncident = (changes: Partial<Incident> = {}): Incident => ({
  ...{ id: 'a1b2c3d4', status: 'open', severity: 'high', who: 'eve', what: 'sqli', firstSeen: 1, lastSeen: 2 },
  ...{ findings: 1, strongest: 'f1', score: 0.9, summary: 'sqli from eve' },
  ...changes,
})

describe('incidents', () => {
  test('are open for one who and what at a time', () => {
    const incidents = new Incidents(aDatabase())
    incidents.save(anIncident(), 10)
    expect(incidents.openOf('eve', 'sqli')).toEqual(anIncident())
    expect(incidents.openOf('eve', 'xss')).toBeUndefined()
    expect(() => incidents.save(anIncident({ id: 'b2' }), 11)).toThrow(/UNIQUE/)
    incidents.resolve('a1b2c3d4')
    expect(incidents.openOf('eve', 'sqli')).toBeUndefined()
    incidents.save(anIncident({ id: 'b2' }), 12)
    expect(incidents.openOf('eve', 'sqli')?.id).toBe('b2')
  })

  test('grow in place', () => {
    const db = aDatabase()
    const incidents = new Incidents(db)
    incidents.save(anIncident(), 10)
    incidents.save(anIncident({ id: 'ffff', who: 'mallory' }), 11)
    const grown = anIncident({ severity: 'critical', findings: 9, lastSeen: 80, strongest: 'f9', score: 0.99 })
    incidents.save(grown, 12)
    const { items } = listIncidents(db, {}, { limit: 9 })
    expect(items).toHaveLength(2)
    expect(items).toContainEqual(expect.objectContaining(grown))
    expect(items).toContainEqual(expect.objectContaining(anIncident({ id: 'ffff', who: 'mallory' })))
  })

  test('are resolved when nothing has come for long enough', () => {
    const db = aDatabase()
    const incidents = new Incidents(db)
    incidents.save(anIncident(), 10)
    incidents.save(anIncident({ id: 'ffff', who: 'mallory' }), 11)
    expect([incidents.resolveQuiet(10), incidents.resolveQuiet(10)]).toEqual([['a1b2c3d4'], []])
    expect(listIncidents(db, { status: 'open' }, { limit: 9 }).items.map(({ id }) => id)).toEqual(['ffff'])
  })

  test('hold each finding once, and show the strongest first', () => {
    const findings = [0.6, 0.9, 0.7].map((score, n) => aFinding({ n, score }))
    const incidents = new Incidents(withFindings(findings))
    incidents.save(anIncident(), 10)
    for (const seq of [1, 2, 3, 3]) incidents.hold('a1b2c3d4', seq)
    expect(incidents.findings('a1b2c3d4', 2)).toEqual([findings[1], findings[2]])
    expect(incidents.findings('a1b2c3d4', 99)).toHaveLength(3)
    expect([incidents.holding(2)?.id, incidents.holding(77)]).toEqual(['a1b2c3d4', undefined])
  })

  test('are found by the beginning of their id where it is one only', () => {
    const db = aDatabase()
    const incidents = new Incidents(db)
    incidents.save(anIncident({ id: 'aaaa1111' }), 10)
    incidents.save(anIncident({ id: 'aaaa2222', who: 'mallory' }), 10)
    expect(incidentByPrefix(db, 'aaaa1')?.id).toBe('aaaa1111')
    for (const prefix of ['aaaa', 'aaa', 'bbbb', "aaaa' OR 1=1", '%%%%'])
      expect(incidentByPrefix(db, prefix)).toBeUndefined()
  })
})

describe('batches and their findings', () => {
  const batch = { id: 'b1', startedAt: 5, finishedAt: null, status: 'running', summary: '{"lines":1}' } as const

  test('a batch that was interrupted is found again, and is not when it is done', () => {
    const db = aDatabase()
    expect(runningBatch(db)).toBeUndefined()
    saveBatch(db, batch)
    expect(runningBatch(db)).toEqual(batch)
    const done = { ...batch, finishedAt: 9, status: 'done', summary: '{"lines":2}' } as const
    saveBatch(db, done)
    saveBatch(db, { ...done, id: 'b2', startedAt: 6 })
    expect(runningBatch(db)).toBeUndefined()
    const newest = listBatches(db, { limit: 9 }).items
    expect(newest.map(({ id, status, totals }) => [id, status, totals.lines])).toEqual([
      ['b2', 'done', 2],
      ['b1', 'done', 2],
    ])
    expect(listBatches(db, { limit: 1 }).items).toHaveLength(1)
  })

  test('a finding is stored once, whatever batch finds it again', () => {
    const db = aDatabase()
    saveBatch(db, batch)
    saveBatch(db, { ...batch, id: 'b2' })
    const [a, b, c] = someFindings(3)
    expect(insertFindings(db, 'b1', [a, b]).map(({ seq }) => seq)).toEqual([1, 2])
    const written = { finding: c, document: JSON.stringify(c) }
    const again = insertFindings(db, 'b2', [b, written])
    expect(again.map(({ finding }) => finding)).toEqual([c])
    expect([[...findingsOfBatch(db, 'b1')], [...findingsOfBatch(db, 'b2')]]).toEqual([[a, b], [c]])
  })

  test('a finding of no batch is refused', () => {
    expect(() => insertFindings(aDatabase(), 'none', someFindings(1))).toThrow(/FOREIGN KEY/)
  })
})
