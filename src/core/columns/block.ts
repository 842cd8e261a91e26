import type { ByteText } from './byte-text.ts'
import { Dictionary, type Ids } from './dictionary.ts'
import { hashSlice } from './slice-table.ts'

/**
 * The columns that the pipeline stages exchange. A block holds consecutive records of one file as columns: there is no
 * object per event, and a string is created only when a caller reads it.
 */

/** A log file. `id` is its row in the state database; it stays the same when the file is renamed. */
export interface SourceFile {
  readonly id: number
  /** Path as last seen, for display only. */
  readonly path: string
  /**
   * Modification time when the file was opened, ms since the epoch. Syslog times have no year; it is derived from this.
   */
  readonly modifiedAt: number
}

/** Flag of a record that was cut at the size limit. */
export const RECORD_TRUNCATED = 1
/** Flag of a record of NUL bytes only, as power failures and truncated files leave. */
export const RECORD_HOLE = 2

/**
 * Whole records (lines, elements of a JSON array, CSV rows) of one file, as bytes, before parsing. The bytes and
 * columns are valid until the next block is read; copy what must live longer.
 */
export interface RecordBlock {
  readonly source: SourceFile
  readonly bytes: Buffer
  readonly count: number
  /** Per record: start and exclusive end within `bytes`, without the line ending. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly flags: Uint8Array
  /** 1-based line number of each record's first line in the file. */
  readonly lines: Uint32Array
  /** Byte offset of each record in the file (in the decompressed UTF-8 stream if the file is compressed or UTF-16). */
  readonly offsets: Float64Array
  /** Offset after the last record of this block, in bytes of the same stream: where reading continues. */
  readonly endOffset: number
}

/** A column of strings. Each is created and decoded from UTF-8 when read. The empty string means absent. */
export interface StringColumn {
  at(index: number): string
  /** The texts as numbers of a dictionary that lasts from block to block, if the column has one. See also `idsOf`. */
  readonly ids?: Ids
}

export type BlockFormat = 'access' | 'syslog' | 'json' | 'csv' | 'plain'

interface BlockBase {
  readonly source: SourceFile
  readonly format: BlockFormat
  readonly count: number
  /** Per event: 1-based line, byte offset and byte length of its record in the file. */
  readonly lines: Uint32Array
  readonly offsets: Float64Array
  readonly lengths: Uint32Array
  /** Milliseconds since the epoch; NaN if the record has no readable time. */
  readonly time: Float64Array
  /** The record's original text; invalid UTF-8 becomes U+FFFD. */
  readonly raw: StringColumn
  /**
   * Session names given by the caller, if any. An event with an empty name belongs to its default session, see
   * `sessionOf`.
   */
  readonly session?: StringColumn
}

/** Requests of a web server. */
export interface HttpBlock extends BlockBase {
  readonly kind: 'http'
  readonly client: SliceColumn
  readonly user: SliceColumn
  readonly method: SliceColumn
  /** The request target as logged, with its query, still encoded. */
  readonly target: SliceColumn
  readonly protocol: SliceColumn
  /** 0 where absent. */
  readonly status: Uint16Array
  /** Response bytes; -1 where absent. */
  readonly bytes: Float64Array
  readonly referer: SliceColumn
  readonly userAgent: SliceColumn
  readonly vhost: SliceColumn
}

export const OUTCOME_UNKNOWN = 0
export const OUTCOME_SUCCESS = 1
export const OUTCOME_FAILURE = 2

/** Logins and other security events: syslog (sshd, sudo, ...), JSON and CSV. */
export interface SecurityBlock extends BlockBase {
  readonly kind: 'security'
  readonly user: StringColumn
  readonly sourceIp: StringColumn
  readonly host: StringColumn
  /** The program that wrote the message (`sshd`, `sudo`), or the empty string. */
  readonly program: StringColumn
  /** What happened, as listed in `parsing/README.md`: `login_success`, `login_failure`, `invalid_user`, ... */
  readonly eventType: StringColumn
  readonly action: StringColumn
  readonly message: StringColumn
  /** One of OUTCOME_* per event. */
  readonly outcome: Uint8Array
}

export type EventBlock = HttpBlock | SecurityBlock

/** A string column stored as byte offsets into one text. */
export class SliceColumn implements StringColumn {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** The text that the offsets refer to. All slice columns of a block share it. */
  readonly source: ByteText
  readonly #ascii: boolean
  #ids: Ids | undefined
  #number: (() => Ids) | undefined

  /**
   * `ascii` means that `source` has no byte above 0x7f, so decoding can be skipped. `ids` are the dictionary numbers of
   * the texts, or a function that computes them on first use.
   */
  constructor(source: ByteText, starts: Uint32Array, ends: Uint32Array, ascii: boolean, ids?: Ids | (() => Ids)) {
    this.source = source
    this.starts = starts
    this.ends = ends
    this.#ascii = ascii
    if (typeof ids === 'function') this.#number = ids
    else this.#ids = ids
  }

  get ids(): Ids | undefined {
    this.#ids ??= this.#number?.()
    this.#number = undefined
    return this.#ids
  }

  get ascii(): boolean {
    return this.#ascii
  }

  at(index: number): string {
    const slice = this.latin1(index)
    return this.#ascii ? slice : decodeUtf8(slice)
  }

  /** The undecoded text of an event, one character per byte. */
  latin1(index: number): string {
    return this.source.slice(this.starts[index], this.ends[index])
  }

  isEmpty(index: number): boolean {
    return this.starts[index] === this.ends[index]
  }

  slice(from: number, to: number): SliceColumn {
    const { starts, ends, ids } = this
    const part = ids && { ...ids, of: ids.of.subarray(from, to) }
    return new SliceColumn(this.source, starts.subarray(from, to), ends.subarray(from, to), this.#ascii, part)
  }
}

/**
 * The texts of a column as dictionary numbers. If the column has no dictionary, the numbers are valid for this result
 * only.
 */
export function idsOf(column: StringColumn, count: number): Ids {
  if (column.ids) return column.ids
  const texts = Array.from({ length: count }, (_, i) => Buffer.from(column.at(i)))
  const ends = new Uint32Array(count)
  let length = 0
  for (let i = 0; i < count; i++) ends[i] = length += texts[i].length
  return new Dictionary().encode(
    Buffer.concat(texts),
    ends.map((end, i) => end - texts[i].length),
    ends,
  )
}

/** Decodes text with one character per byte as UTF-8; invalid sequences become U+FFFD. */
export function decodeUtf8(latin1: string): string {
  for (let i = 0; i < latin1.length; i++) {
    if (latin1.charCodeAt(i) > 0x7f) return Buffer.from(latin1, 'latin1').toString('utf8')
  }
  return latin1
}

/**
 * Copies a slice, so that it does not keep the text of its block in memory. Use it for every slice that outlives its
 * block.
 */
export function own(slice: string): string {
  if (slice === '') return slice
  return Buffer.from(slice, 'utf8').toString('utf8')
}

/** The text of an event as a string that may outlive its block. */
export function ownAt(column: StringColumn, index: number): string {
  return column instanceof SliceColumn ? column.at(index) : own(column.at(index))
}

/**
 * The session of an event: its given name, else the client address of a request, else the address or user of a security
 * event.
 */
export function sessionOf(block: EventBlock, index: number): string {
  const named = block.session?.at(index)
  if (named) return named
  if (block.kind === 'http') return block.client.at(index)
  return block.sourceIp.at(index) || block.user.at(index)
}

/** A 32-bit hash of the session, for spreading work. Requests are hashed by client even if their session has a name. */
export function sessionHash(block: EventBlock, index: number): number {
  const session = block.kind === 'http' ? block.client.latin1(index) : sessionOf(block, index)
  return hashSlice(session, 0, session.length, 0)
}
