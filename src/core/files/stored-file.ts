import type { Sniffed } from '../parsed.ts'

/**
 * What is stored about a log file between runs: its identity and where reading stopped. One row of the table `files`.
 * Positions are bytes of the content, after decompression.
 */
export interface StoredFile {
  /** Identifies the byte stream whatever its current path, inode or compression. Ids are never reused. */
  readonly id: number
  /** Path as last seen. */
  readonly path: string
  /** `device:inode:birth` as last seen; empty if that inode now holds another stream. */
  readonly inode: string
  /** Length and hash of the beginning of the content. The length grows with the file up to `HEAD_BYTES`. */
  readonly headLength: number
  readonly headHash: string
  /** Every byte before this has been read. */
  readonly position: number
  /** Hash of the last `MARKER_BYTES` bytes (or fewer) before `position`. */
  readonly markerHash: string
  /** `position` in the UTF-8 stream that records are cut from; it differs from `position` only for UTF-16. */
  readonly offset: number
  /** 1-based number of the line at `position`. */
  readonly line: number
  /** Parser state if `position` is inside an over-long record that is being skipped; empty otherwise. */
  readonly skip: string
  /** Length of the content when last seen; an estimate until a compressed file has been read to its end. */
  readonly size: number
  /** Modification time when last seen, ms since the epoch. */
  readonly modifiedAt: number
  /** Size and modification time of the file when it was read completely; empty while there is more to read. */
  readonly signature: string
  readonly sniffed: Sniffed | undefined
  /** Text encoding, detected from the beginning of the content; empty before the first read. */
  readonly encoding: '' | 'utf8' | 'utf16le' | 'utf16be'
  /** Bytes read in the current round; the reader serves the set with the fewest bytes next. */
  readonly served: number
  /** Id of the stream that this file is a copy of, while the original exists. A copy is not read. */
  readonly copyOf: number | undefined
  /** Why the file was not read further at `signature`, as `kind: detail`; empty if there was no problem. */
  readonly problem: string
  readonly seenAt: number
  /** When the file was first found missing, ms since the epoch. */
  readonly goneAt: number | undefined
}
