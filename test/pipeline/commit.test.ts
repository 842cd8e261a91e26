import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { commit } from '../../src/pipeline/commit.ts'
import { runningBatch, saveBatch } from '../../src/store/batches.ts'
import { loadCheckpoint } from '../../src/store/checkpoints.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { findingsOfBatch } from '../../src/store/findings.ts'
import { aFinding } from '../support/blocks/findings.ts'
import { tempDir } from '../support/temp.ts'

function open(): Database {
  const db = openDatabase(join(tempDir(), 'state'))
  saveBatch(db, { id: 'b1', startedAt: 1, finishedAt: null, status: 'running', summary: 'as it began' })
  onTestFinished(() => void db.close())
  return db
}

const progress = (...numbers: number[]) => ({
  id: 'b1',
  batch: () => ({ id: 'b1', startedAt: 1, finishedAt: null, status: 'running' as const, summary: '{}' }),
  findings: [
    numbers.map((n) => {
      const finding = aFinding({ n })
      return { finding, document: JSON.stringify(finding) }
    }),
  ],
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
  const stored: string[] = []
  const keep: Parameters<typeof commit>[3] = (_, news) => stored.push(...news.map(({ finding }) => finding.event.id))
  commit(db, progress(1, 2), parts, keep)
  commit(db, progress(2, 3), parts, keep)
  expect(stored).toEqual([1, 2, 3].map((n) => aFinding({ n }).event.id))
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
  expect(runningBatch(db)?.summary).toBe('as it began')
  expect([...findingsOfBatch(db, 'b1')]).toEqual([])
  expect(loadCheckpoint(db, 'learning')).toBeUndefined()
  commit(db, progress(1), parts)
  expect([...findingsOfBatch(db, 'b1')]).toHaveLength(1)
})
