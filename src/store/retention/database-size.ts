import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '../database.ts'

/** Pages given back in one step, and free pages that stay for the next findings. */
const STEP_PAGES = 256
const SPARE_PAGES = 1024
/** Rewriting a database of this size takes a few seconds. */
const MOST_REWRITTEN = 256 * 1024 * 1024
const INCREMENTAL = 2

export interface DatabaseSize {
  /** Bytes in use. */
  readonly used: number
  /** Bytes in the file that are free for new rows. */
  readonly free: number
}

export function databaseSize(db: Database): DatabaseSize {
  const pages = numberOf(db, 'page_count')
  const free = numberOf(db, 'freelist_count')
  const page = numberOf(db, 'page_size')
  return { used: (pages - free) * page, free: free * page }
}

/** Gives some free pages back to the disk. @returns whether there are more */
export function shrink(db: Database): boolean {
  if (numberOf(db, 'auto_vacuum') !== INCREMENTAL) return false
  const excess = numberOf(db, 'freelist_count') - SPARE_PAGES
  if (excess <= 0) return false
  db.exec(`PRAGMA incremental_vacuum(${Math.min(excess, STEP_PAGES)})`)
  return excess > STEP_PAGES
}

/**
 * Lets a database of an earlier version give pages back. It is rewritten once, if that is quick and the disk has room; a
 * larger one keeps its size, and new rows fill its free pages. The caller holds the lock of the state directory.
 */
export function makeShrinkable(db: Database, stateDir: string): void {
  if (numberOf(db, 'auto_vacuum') === INCREMENTAL) return
  const { used } = databaseSize(db)
  const { bavail, bsize } = statfsSync(join(stateDir))
  if (used > MOST_REWRITTEN || bavail * bsize < 3 * used) return
  db.exec(`PRAGMA auto_vacuum = ${INCREMENTAL}`)
  db.exec('VACUUM')
}

function numberOf(db: Database, pragma: string): number {
  return db.prepare(`PRAGMA ${pragma}`).pluck().get() as number
}
