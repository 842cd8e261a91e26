import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OddlineError } from '../core/errors.ts'
import { asStateError, type Database } from './database.ts'
import { KeptDatabase } from './sqlite/kept-database.ts'

/**
 * Reserves a state directory for this process. The operating system holds the lock, through an SQLite file, and releases
 * it when the process ends for any reason; a stale lock cannot exist.
 * @throws OddlineError STATE_LOCKED if another process has it
 */
export function lockState(stateDir: string): { release(): void } {
  const path = join(stateDir, 'lock.db')
  const holder = join(stateDir, 'lock.pid')
  let db: Database | undefined
  try {
    mkdirSync(stateDir, { recursive: true })
    db = new KeptDatabase(path, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    if ((error as { code?: string }).code === 'SQLITE_BUSY') {
      throw new OddlineError(
        'STATE_LOCKED',
        `${stateDir} is in use by another oddline${processOf(holder)}. Stop it first, or give this one another --state-dir.`,
      )
    }
    throw asStateError(error, path)
  }
  writeFileSync(holder, `${process.pid}\n`)
  const held = db
  return { release: () => held.close() }
}

function processOf(holder: string): string {
  try {
    return ` (process ${readFileSync(holder, 'utf8').trim()})`
  } catch {
    return ''
  }
}
