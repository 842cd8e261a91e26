import { statSync } from 'node:fs'
import { SKIPPED_KINDS } from '../core/documents/batch.ts'
import type { Database } from '../store/database.ts'

/** How far the reading of a file is behind. */
export interface FileLag {
  readonly path: string
  readonly bytes: number
  /** Age of the last line read while more lines wait: the log is behind by at most this. */
  readonly seconds: number
}

/** A file that is no log. */
export interface SkippedFile {
  readonly path: string
  readonly why: string
}

/** Files checked on disk: first those known to be behind, then those written to last. */
const MAX_LOOKED_AT = 1_000
const COMPRESSED = /\.(?:gz|zst|bz2|xz)$/

/**
 * Files with unread bytes, furthest behind first. Lines written since the last batch count; files that no batch has seen
 * do not, and neither do files that cannot be read on.
 */
export function fileLags(db: Database, now: number, limit: number): FileLag[] {
  const rows = db
    .prepare(
      `SELECT path, size, position, modified_at AS modifiedAt FROM files WHERE gone_at IS NULL AND copy_of IS NULL AND problem = ''
       ORDER BY position < size DESC, modified_at DESC LIMIT ?`,
    )
    .all(MAX_LOOKED_AT) as { path: string; size: number; position: number; modifiedAt: number }[]
  return rows
    .map(({ path, size, position, modifiedAt }) => {
      const bytes = Math.max(size, COMPRESSED.test(path) ? 0 : sizeOnDisk(path)) - position
      return { path, bytes: Math.max(0, bytes), seconds: bytes > 0 ? Math.max(0, now - modifiedAt) / 1000 : 0 }
    })
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .slice(0, limit)
}

/** Files that are no logs, with the reason, by path. */
export function skippedFiles(db: Database, limit: number): { readonly total: number; readonly items: SkippedFile[] } {
  const from = "FROM files WHERE gone_at IS NULL AND inode <> '' AND substr(problem, 1, instr(problem, ':') - 1) IN"
  const kinds = `(${SKIPPED_KINDS.map((kind) => `'${kind}'`).join(', ')})`
  const total = db.prepare(`SELECT count(*) ${from} ${kinds}`).pluck().get() as number
  const rows = db.prepare(`SELECT path, problem ${from} ${kinds} ORDER BY path LIMIT ?`).all(limit) as {
    path: string
    problem: string
  }[]
  return { total, items: rows.map(({ path, problem }) => ({ path, why: problem.slice(problem.indexOf(': ') + 2) })) }
}

/** How many files were ever read, and how many of these are gone. */
export function countFiles(db: Database): { readonly known: number; readonly gone: number } {
  return db.prepare('SELECT count(*) AS known, count(gone_at) AS gone FROM files').get() as {
    known: number
    gone: number
  }
}

function sizeOnDisk(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
