import type { Database } from '../store/database.ts'
import { databaseSize } from '../store/retention/database-size.ts'
import { keptFolders, type RemovedKind } from '../store/retention/records.ts'

/** How much is kept, since when, and what retention has removed. */
export interface RetentionStatus {
  readonly database: {
    readonly bytes: number
    /** Bytes of the file that are free for new rows. */
    readonly free: number
    /** Start of the oldest batch that is kept; absent if there is none. */
    readonly since?: string
  }
  /** Folders of results, as of the last batch. */
  readonly output: { readonly bytes: number; readonly folders: number; readonly since?: string }
  /** Absent if nothing was ever removed. */
  readonly removed?: {
    /** When something was removed last. */
    readonly at: string
    /** What was removed then. */
    readonly last: Partial<Record<RemovedKind, number>>
    /** What was removed since the state directory was created. */
    readonly total: Partial<Record<RemovedKind, number>>
  }
}

interface RemovedRow {
  readonly kind: RemovedKind
  readonly total: number
  readonly last: number
  readonly last_at: number
}

export function retentionStatus(db: Database): RetentionStatus {
  const { used, free } = databaseSize(db)
  const oldest = db.prepare('SELECT min(started_at) FROM batches').pluck().get() as number | null
  const { bytes, folders, since } = keptFolders(db) ?? { bytes: 0, folders: 0, since: null }
  const rows = db.prepare('SELECT kind, total, last, last_at FROM removed ORDER BY kind').all() as RemovedRow[]
  return {
    database: { bytes: used, free, ...sinceOf(oldest) },
    output: { bytes, folders, ...sinceOf(since) },
    ...(rows.length > 0 && { removed: removedOf(rows) }),
  }
}

function removedOf(rows: readonly RemovedRow[]): RetentionStatus['removed'] {
  const at = Math.max(...rows.map((row) => row.last_at))
  const last = rows.filter((row) => row.last_at === at)
  return {
    at: new Date(at).toISOString(),
    last: Object.fromEntries(last.map(({ kind, last }) => [kind, last])),
    total: Object.fromEntries(rows.map(({ kind, total }) => [kind, total])),
  }
}

function sinceOf(time: number | null): { readonly since?: string } {
  return time === null ? {} : { since: new Date(time).toISOString() }
}
