import { isDeepStrictEqual } from 'node:util'
import type { Database } from '../database.ts'

export type RemovedKind = 'findings' | 'incidents' | 'batches' | 'dead_letters' | 'folders'

/** Notes what a pass removed. `at` is the time of the pass: what is removed with the same time is one sum. */
export function noteRemoved(db: Database, counts: Readonly<Partial<Record<RemovedKind, number>>>, at: number): void {
  const note = db.prepare(
    `INSERT INTO removed (kind, total, last, last_at) VALUES (:kind, :count, :count, :at)
     ON CONFLICT (kind) DO UPDATE SET total = total + :count, last_at = :at,
       last = CASE WHEN last_at = :at THEN last + :count ELSE :count END`,
  )
  for (const [kind, count] of Object.entries(counts)) if (count > 0) note.run({ kind, count, at })
}

export interface KeptFolders {
  readonly folders: number
  readonly bytes: number
  /** When the batch of the oldest began. */
  readonly since: number | null
}

export function keptFolders(db: Database): KeptFolders | undefined {
  const row = db.prepare('SELECT folders, bytes, since FROM kept_folders').get() as KeptFolders | undefined
  return row && { ...row }
}

/** Notes what the output directory holds, so that nobody has to measure it to say so. */
export function noteFolders(db: Database, kept: KeptFolders): void {
  if (isDeepStrictEqual(keptFolders(db), kept)) return
  db.transaction(() => {
    db.prepare('DELETE FROM kept_folders').run()
    db.prepare('INSERT INTO kept_folders VALUES (:folders, :bytes, :since)').run(kept)
  })()
}
