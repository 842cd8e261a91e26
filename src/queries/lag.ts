import { statSync } from 'node:fs'
import type { Database } from '../store/database.ts'

/** How far reading is behind in a file. */
export interface FileLag {
  readonly path: string
  readonly bytes: number
  /** Age of the last that was read, while there is more: so much time of the log is missing, at most. */
  readonly seconds: number
}

/** Files looked at on disk: those known to be behind, and of the rest those that were written to last. */
const MAX_LOOKED_AT = 1_000
const COMPRESSED = /\.(?:gz|zst|bz2|xz)$/

/**
 * The files that hold more than was read, the furthest behind first. What was written since the last batch, or since the
 * program stopped, counts too; files that no batch has seen yet do not.
 */
export function fileLags(db: Database, now: number, limit: number): FileLag[] {
  const rows = db
    .prepare(
      `SELECT path, size, position, modified_at AS modifiedAt FROM files WHERE gone_at IS NULL AND copy_of IS NULL
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

/** Files that were ever read, and those of them that are gone. */
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
