import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OddlineError } from '../core/errors.ts'
import { readRegularFile } from '../core/files/regular-file.ts'
import { asStateError, type Database, requireRegular } from './database.ts'
import { KeptDatabase } from './sqlite/kept-database.ts'

/**
 * Reserves a state directory for this process. The operating system holds the lock, through an SQLite file, and releases
 * it when the process ends for any reason; a stale lock cannot exist.
 * @throws OddlineError STATE_LOCKED if another process has it, STATE_INACCESSIBLE
 */
export function lockState(stateDir: string): { release(): void } {
  const path = join(stateDir, 'lock.db')
  const holder = join(stateDir, 'lock.pid')
  let db: Database | undefined
  try {
    mkdirSync(stateDir, { recursive: true })
    for (const file of [path, holder]) requireRegular(file)
    db = lockFile(path)
    writeFileSync(holder, `${process.pid}\n`)
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
  const held = db
  return { release: () => held.close() }
}

/** The file holds nothing, so a damaged one is emptied. Only a file that no process has locked can be found damaged. */
function lockFile(path: string): Database {
  try {
    return locked(path)
  } catch (error) {
    if (!/^SQLITE_(?:NOTADB|CORRUPT)/.test(String((error as { code?: string }).code))) throw error
    truncateSync(path)
    return locked(path)
  }
}

function locked(path: string): Database {
  const db = new KeptDatabase(path, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function processOf(holder: string): string {
  try {
    return ` (process ${readRegularFile(holder).toString().trim()})`
  } catch {
    return ''
  }
}
