import type { Sniffed } from './parsed.ts'

/**
 * What is remembered of a log file between runs: who it is and where reading stopped. One row of the table `files`.
 * Positions are in bytes of the file's content, decompressed where the file is compressed.
 */
export interface StoredFile {
  /** Given once, never reused: it names the stream of bytes, whatever path, inode or compression it has by now. */
  readonly id: number
  /** Path as last seen. */
  readonly path: string
  /** `device:inode:birth` as last seen; empty once that inode is known to hold something else. */
  readonly inode: string
  /** Length and hash of the beginning of the content. Grows with the file up to `HEAD_BYTES`. */
  readonly headLength: number
  readonly headHash: string
  /** Everything before this has been handed out. */
  readonly position: number
  /** Hash of the (at most `MARKER_BYTES`) bytes just before `position`. */
  readonly markerHash: string
  /** `position` in the stream of UTF-8 that records are cut from; differs from it only for UTF-16. */
  readonly offset: number
  /** 1-based number of the line at `position`. */
  readonly line: number
  /** State of the skipping of an over-long record that `position` lies within; empty otherwise. */
  readonly skip: string
  /** Bytes of content when last looked at; an estimate while a compressed file has not been read to its end. */
  readonly size: number
  /** Modification time when last looked at, ms since the epoch. */
  readonly modifiedAt: number
  /** Size and modification time of the file at which nothing was left to do with it; empty while there is. */
  readonly signature: string
  readonly sniffed: Sniffed | undefined
  /** Text encoding, told from the beginning of the content; empty while nothing has been read. */
  readonly encoding: '' | 'utf8' | 'utf16le' | 'utf16be'
  /** Bytes handed out in the current round, which decides whose turn it is. */
  readonly served: number
  /** The stream that this file is a copy of, while the original is still there: nothing of a copy is read. */
  readonly copyOf: number | undefined
  /** Why the file was left alone at `signature`: `kind: detail`; empty if it was not. */
  readonly problem: string
  readonly seenAt: number
  /** When it was first missed, ms since the epoch. */
  readonly goneAt: number | undefined
}
