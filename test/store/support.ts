import { onTestFinished } from 'vitest'
import type { Finding } from '../../src/core/documents/finding.ts'
import { saveBatch } from '../../src/store/batches.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { insertFindings } from '../../src/store/findings.ts'
import { someFindings } from '../support/blocks/findings.ts'
import { tempDir } from '../support/temp.ts'

/** A real state database, closed when the test has finished. */
export function aDatabase(dir = tempDir()): Database {
  const db = openDatabase(dir)
  onTestFinished(() => {
    db.close()
  })
  return db
}

/** A database with a batch and its findings; their sequence numbers count from 1. */
export function withFindings(findings: number | readonly Finding[]): Database {
  const db = aDatabase()
  saveBatch(db, { id: 'b', startedAt: 0, finishedAt: null, status: 'running', summary: '{}' })
  const stored = typeof findings === 'number' ? someFindings(findings) : findings
  db.transaction(() => insertFindings(db, 'b', stored))()
  return db
}
