import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { messageOf, OddlineError } from '../core/errors.ts'
import { asNativeError } from '../core/native-module.ts'
import { MIGRATIONS } from './migrations.ts'
import { KeptDatabase } from './sqlite/kept-database.ts'

export type Database = BetterSqlite3.Database

/**
 * Opens (and creates) the state database of a directory, brings its schema up to date, and leaves it in WAL mode with
 * full synchronisation of every commit.
 * @throws OddlineError STATE_TOO_NEW, STATE_CORRUPT, STATE_BUSY, STATE_INACCESSIBLE, DISK_FULL
 */
export function openDatabase(stateDir: string): Database {
  const path = join(stateDir, 'oddline.db')
  try {
    mkdirSync(stateDir, { recursive: true })
    requireRegular(path)
    const db = new KeptDatabase(path, { timeout: 10_000 })
    // Takes effect in a new database only (see `retention/database-size.ts`), and before the journal mode makes its file.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA journal_size_limit = 16777216')
    // 2 MB of pages: most writes append to a table and are not read again, so a larger cache does not help.
    db.exec('PRAGMA cache_size = -2000')
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA foreign_keys = ON')
    migrate(db, path)
    return db
  } catch (error) {
    throw asStateError(error, path)
  }
}

/**
 * Opens the state database read-only; another process may be writing it.
 * @throws OddlineError STATE_TOO_NEW, STATE_CORRUPT, STATE_BUSY, STATE_INACCESSIBLE
 */
export function openReadOnly(stateDir: string): Database {
  const path = join(stateDir, 'oddline.db')
  try {
    requireRegular(path)
    const db = new KeptDatabase(path, { timeout: 10_000, readonly: true, fileMustExist: true })
    const version = versionOf(db)
    if (version > MIGRATIONS.length) throw tooNew(path, version)
    if (version < MIGRATIONS.length) {
      // Only a database of the latest schema can be queried.
      db.close()
      openDatabase(stateDir).close()
      return openReadOnly(stateDir)
    }
    requireOurs(db, path, version)
    return db
  } catch (error) {
    throw asStateError(error, path)
  }
}

function versionOf(db: Database): number {
  return db.prepare('PRAGMA user_version').pluck().get() as number
}

function tooNew(path: string, version: number): OddlineError {
  return new OddlineError(
    'STATE_TOO_NEW',
    `${path} was written by a newer oddline (schema ${version}, this one knows ${MIGRATIONS.length}). ` +
      'Run the newer version, or give this one another --state-dir.',
  )
}

function migrate(db: Database, path: string): void {
  const version = versionOf(db)
  if (version > MIGRATIONS.length) throw tooNew(path, version)
  requireOurs(db, path, version)
  if (version === MIGRATIONS.length) return
  db.transaction(() => {
    const current = versionOf(db)
    requireOurs(db, path, current)
    for (const migration of MIGRATIONS.slice(current)) db.exec(migration.sql)
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
  }).immediate()
}

/** SQLite would wait for the other end of a named pipe, and read a device without end. */
export function requireRegular(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isFile()) throw inaccessible(path, 'it is no regular file')
}

/** A database of another program may have any schema version. */
function requireOurs(db: Database, path: string, version: number): void {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[]
  const ours =
    version === 0 ? tables.length === 0 : ['files', 'batches', 'checkpoints'].every((one) => tables.includes(one))
  if (!ours) throw damaged(path, 'it holds no state of Oddline')
}

function inaccessible(path: string, reason: string, cause?: unknown): OddlineError {
  return new OddlineError(
    'STATE_INACCESSIBLE',
    `${path} cannot be opened or written (${reason}). Run as the user that owns it, correct its permissions, or use another --state-dir.`,
    { cause },
  )
}

function damaged(path: string, reason: string, cause?: unknown): OddlineError {
  return new OddlineError(
    'STATE_CORRUPT',
    `${path} is damaged (${reason}). Move it away to start anew (all logs are then read again), or restore a copy.`,
    { cause },
  )
}

/** What the system says where a file may not be opened or written, or is not what its name promises. */
const INACCESSIBLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'])

/** Turns an error of SQLite or of the file system into one that says what to do; returns any other error unchanged. */
export function asStateError(error: unknown, path: string): unknown {
  const system = (error as NodeJS.ErrnoException)?.code ?? ''
  if (INACCESSIBLE.has(system)) return inaccessible(path, messageOf(error), error)
  if (!(error instanceof BetterSqlite3.SqliteError) && system !== 'ENOSPC') return asNativeError(error)
  const { code, message } = error as { code: string; message: string }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new OddlineError(
      'STATE_BUSY',
      `${path} is locked by another process; nothing was written. Close it and run again.`,
      {
        cause: error,
      },
    )
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code.startsWith('SQLITE_IOERR')) {
    return new OddlineError(
      'DISK_FULL',
      `Cannot write ${path} (${message}); nothing was committed. Free some space and run again.`,
      {
        cause: error,
      },
    )
  }
  if (/^SQLITE_(?:CANTOPEN|READONLY|PERM|AUTH)/.test(code)) return inaccessible(path, message, error)
  if (/^SQLITE_(?:CORRUPT|NOTADB|FORMAT)/.test(code)) return damaged(path, message, error)
  return error
}
