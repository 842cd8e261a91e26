import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { commit } from '../../src/pipeline/commit.ts'
import { runningBatch } from '../../src/store/batches.ts'
import { loadCheckpoint } from '../../src/store/checkpoints.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { findingsOfBatch } from '../../src/store/findings.ts'
import { aFinding } from '../support/blocks/findings.ts'
import { tempDir } from '../support/temp.ts'

function open(): Database {
  const db = openDatabase(join(tempDir(), 'state'))
  onTestFinished(() => void db.close())
  return db
}

const progress = (...numbers: number[]) => ({
  batch: { id: 'b1', startedAt: 1, finishedAt: null, status: 'running' as const, summary: '{}' },
  findings: numbers.map((n) => {
    const finding = aFinding({ n })
    return { finding, document: JSON.stringify(finding) }
  }),
  adjusted: new Map(),
  moved: ['a position'],
  checkpoints: [{ name: 'learning', value: Uint8Array.of(7) }],
})

test('everything that lines led to is saved together, and a finding once', () => {
  const db = open()
  const queued: number[] = []
  const positions: string[] = []
  const parts = {
    saveOffsets: (_: Database, moved: readonly string[]) => void positions.push(...moved),
    enqueue: (_: Database, findings: readonly unknown[]) => void queued.push(findings.length),
  }
  expect(commit(db, progress(1, 2), parts)).toHaveLength(2)
  expect(commit(db, progress(2, 3), parts).map(({ finding }) => finding.event.id)).toEqual([
    aFinding({ n: 3 }).event.id,
  ])
  expect(queued).toEqual([2, 1])
  expect(positions).toEqual(['a position', 'a position'])
  expect([...findingsOfBatch(db, 'b1')]).toHaveLength(3)
  expect(loadCheckpoint(db, 'learning')?.[0]).toBe(7)
})

test.each(['saveOffsets', 'enqueue'] as const)('nothing is saved where %s fails', (failing) => {
  const db = open()
  const parts = { saveOffsets() {}, enqueue() {} }
  const broken = {
    ...parts,
    [failing]() {
      throw new Error('The disk is full.')
    },
  }
  expect(() => commit(db, progress(1), broken)).toThrow('The disk is full.')
  expect(runningBatch(db)).toBeUndefined()
  expect([...findingsOfBatch(db, 'b1')]).toEqual([])
  expect(loadCheckpoint(db, 'learning')).toBeUndefined()
  expect(commit(db, progress(1), parts)).toHaveLength(1)
})
