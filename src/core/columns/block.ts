import type { ByteText } from './byte-text.ts'
import { Dictionary, type Ids } from './dictionary.ts'
import { hashSlice } from './slice-table.ts'

/**
 * The columns that flow through the pipeline. A block is a run of consecutive records of one file; no object exists
 * per event. Strings are cut from the block's text only when somebody asks for them.
 */

/** A log file as the reader knows it. `id` is its row in the state database and survives renames. */
export interface SourceFile {
  readonly id: number
  /** Path as last seen, for people. Identity is `id`. */
  readonly path: string
  /** Modification time in ms since the epoch when it was opened: the hint for syslog's missing year. */
  readonly modifiedAt: number
}

/** Set on a record that was cut at the line limit. */
export const RECORD_TRUNCATED = 1

/**
 * Whole records (lines, elements of a JSON array, CSV rows) of one file, as bytes, before parsing.
 * Bytes and columns belong to the block until the next one is asked for; who keeps a part of them copies that part.
 */
export interface RecordBlock {
  readonly source: SourceFile
  readonly bytes: Buffer
  readonly count: number
  /** Start and exclusive end of each record within `bytes`, without its line ending. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly flags: Uint8Array
  /** 1-based line number of each record's first line in the file. */
  readonly lines: Uint32Array
  /** Byte offset of each record in the file (in the decompressed, transcoded stream where the file is one). */
  readonly offsets: Float64Array
  /** Where reading goes on after this block, in bytes of the same stream. */
  readonly endOffset: number
}

/** A column of strings, each cut (and decoded from UTF-8) when asked for. An absent value is the empty string. */
export interface StringColumn {
  at(index: number): string
  /** The texts as numbers of a dictionary that is kept from block to block, where there is one; else see `idsOf`. */
  readonly ids?: Ids
}

export type BlockFormat = 'access' | 'syslog' | 'json' | 'csv' | 'plain'

interface BlockBase {
  readonly source: SourceFile
  readonly format: BlockFormat
  readonly count: number
  /** Per event: 1-based line, byte offset, byte length of its record in the file. */
  readonly lines: Uint32Array
  readonly offsets: Float64Array
  readonly lengths: Uint32Array
  /** Milliseconds since the epoch; NaN where the record has no readable time. */
  readonly time: Float64Array
  /** The record's text as it stands in the file, invalid UTF-8 shown as U+FFFD. */
  readonly raw: StringColumn
  /** Names of sessions, where whoever handed the events over named them; an empty one is named as ever. */
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
  /** The program that wrote it (`sshd`, `sudo`), or the empty string. */
  readonly program: StringColumn
  /** What happened, in the vocabulary of `parsing/README.md`: `login_success`, `login_failure`, `invalid_user`, ... */
  readonly eventType: StringColumn
  readonly action: StringColumn
  readonly message: StringColumn
  /** OUTCOME_* of the event. */
  readonly outcome: Uint8Array
}

export type EventBlock = HttpBlock | SecurityBlock

/** Slices of one text, as plain byte offsets. */
export class SliceColumn implements StringColumn {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** The text that the slices are cut from; columns of one block have the same. */
  readonly source: ByteText
  readonly #ascii: boolean
  #ids: Ids | undefined
  #number: (() => Ids) | undefined

  /**
   * `ascii` says that `source` holds no byte above 0x7f, which spares the decoding. `ids` are the numbers of the texts, or
   * give them when somebody asks.
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

  /** The text of an event as it stands in the file, a character per byte. */
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

/** The texts of a column as numbers. Those of a column that brings none hold for this call alone. */
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

/** Text of one byte per character to text, reading it as UTF-8; invalid sequences become U+FFFD. */
export function decodeUtf8(latin1: string): string {
  for (let i = 0; i < latin1.length; i++) {
    if (latin1.charCodeAt(i) > 0x7f) return Buffer.from(latin1, 'latin1').toString('utf8')
  }
  return latin1
}

/** A copy that does not keep the text alive that it was cut from. For every slice that outlives its block. */
export function own(slice: string): string {
  if (slice === '') return slice
  return Buffer.from(slice, 'utf8').toString('utf8')
}

/** The text of an event as one of its own, for what outlives the block. */
export function ownAt(column: StringColumn, index: number): string {
  return column instanceof SliceColumn ? column.at(index) : own(column.at(index))
}

/** The key that sessions are formed by: the client address of a request; of a security event the address, else the user. */
export function sessionOf(block: EventBlock, index: number): string {
  const named = block.session?.at(index)
  if (named) return named
  if (block.kind === 'http') return block.client.at(index)
  return block.sourceIp.at(index) || block.user.at(index)
}

/** A number for the session, the same for equal ones and as good as never for others. Named ones go by their client, too. */
export function sessionHash(block: EventBlock, index: number): number {
  const session = block.kind === 'http' ? block.client.latin1(index) : sessionOf(block, index)
  return hashSlice(session, 0, session.length, 0)
}
