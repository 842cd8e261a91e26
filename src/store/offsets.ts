import type { StoredFile } from '../core/files/stored-file.ts'
import type { Sniffed } from '../core/parsed.ts'
import type { Database } from './database.ts'

/** Rows of deleted files that are kept at most; each takes a few hundred bytes. */
const MOST_GONE_FILES = 100_000

interface Row {
  id: number
  path: string
  inode: string
  head_length: number
  head_hash: string
  position: number
  marker_hash: string
  offset: number
  line: number
  skip: string
  size: number
  modified_at: number
  signature: string
  sniffed: string | null
  encoding: StoredFile['encoding']
  served: number
  copy_of: number | null
  problem: string
  seen_at: number
  gone_at: number | null
}

export function loadOffsets(db: Database): StoredFile[] {
  return db.prepare<[], Row>('SELECT * FROM files ORDER BY id').all().map(fromRow)
}

/** Saves positions. Call it in the transaction that saves the results of the lines before them. */
export function saveOffsets(db: Database, moved: readonly StoredFile[]): void {
  const save = db.prepare<[Row]>(
    `INSERT INTO files VALUES (@id, @path, @inode, @head_length, @head_hash, @position, @marker_hash, @offset, @line,
       @skip, @size, @modified_at, @signature, @sniffed, @encoding, @served, @copy_of, @problem, @seen_at, @gone_at)
     ON CONFLICT (id) DO UPDATE SET path = excluded.path, inode = excluded.inode, head_length = excluded.head_length,
       head_hash = excluded.head_hash, position = excluded.position, marker_hash = excluded.marker_hash,
       offset = excluded.offset, line = excluded.line, skip = excluded.skip, size = excluded.size,
       modified_at = excluded.modified_at, signature = excluded.signature, sniffed = excluded.sniffed, encoding = excluded.encoding,
       served = excluded.served, copy_of = excluded.copy_of, problem = excluded.problem, seen_at = excluded.seen_at,
       gone_at = excluded.gone_at`,
  )
  for (const file of moved) save.run(toRow(file))
}

/**
 * Deletes the rows of files that disappeared before `before` (ms since the epoch), and the oldest beyond a bound. The
 * newest row always stays, so that SQLite does not give its id to another file.
 * @returns how many rows were deleted
 */
export function forgetGone(db: Database, before: number): number {
  const old = db.prepare(
    'DELETE FROM files WHERE gone_at IS NOT NULL AND gone_at < ? AND id < (SELECT max(id) FROM files)',
  )
  const surplus = db.prepare(
    `DELETE FROM files WHERE id < (SELECT max(id) FROM files) AND id IN
       (SELECT id FROM files WHERE gone_at IS NOT NULL ORDER BY gone_at DESC, id DESC LIMIT -1 OFFSET ?)`,
  )
  return old.run(before).changes + surplus.run(MOST_GONE_FILES).changes
}

function fromRow(row: Row): StoredFile {
  return {
    id: row.id,
    path: row.path,
    inode: row.inode,
    headLength: row.head_length,
    headHash: row.head_hash,
    position: row.position,
    markerHash: row.marker_hash,
    offset: row.offset,
    line: row.line,
    skip: row.skip,
    size: row.size,
    modifiedAt: row.modified_at,
    signature: row.signature,
    sniffed: row.sniffed === null ? undefined : (JSON.parse(row.sniffed) as Sniffed),
    encoding: row.encoding,
    served: row.served,
    copyOf: row.copy_of ?? undefined,
    problem: row.problem,
    seenAt: row.seen_at,
    goneAt: row.gone_at ?? undefined,
  }
}

function toRow(file: StoredFile): Row {
  return {
    id: file.id,
    path: file.path,
    inode: file.inode,
    head_length: file.headLength,
    head_hash: file.headHash,
    position: file.position,
    marker_hash: file.markerHash,
    offset: file.offset,
    line: file.line,
    skip: file.skip,
    size: file.size,
    modified_at: Math.trunc(file.modifiedAt),
    signature: file.signature,
    sniffed: file.sniffed === undefined ? null : JSON.stringify(file.sniffed),
    encoding: file.encoding,
    served: file.served,
    copy_of: file.copyOf ?? null,
    problem: file.problem,
    seen_at: file.seenAt,
    gone_at: file.goneAt ?? null,
  }
}
