import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import type { StoredFile } from '../core/stored-file.ts'
import type { Scratch } from './bytes/byte-source.ts'
import { FileReader, type FileReaderOptions, type Read } from './file-reader.ts'
import type { Discovery, ReadProblem } from './identity/discovery.ts'
import { Identification, type Match } from './identity/identify.ts'
import { scan } from './identity/scan.ts'
import { problemOf } from './problems.ts'
import { RecordTable } from './records/record-table.ts'
import { Rows } from './rows.ts'
import { Turns } from './turns.ts'

export interface ReaderOptions extends Omit<FileReaderOptions, 'now'> {
  readonly logDir: string
  /** Globs relative to `logDir`, with `/`. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** A record longer than this is cut, flagged, and its rest skipped. */
  readonly maxRecordBytes: number
  /** How much is read at a time; at least twice `maxRecordBytes` is. */
  readonly chunkBytes: number
  /** An unterminated last record counts as whole once the file was not modified for so long. */
  readonly settleMs: number
  readonly maxOpenFiles: number
  readonly clock: Clock
}

/**
 * Reads every record of the files of a directory once. `discover` looks at what is there; `next` then gives blocks until
 * all of it is read. `moved` belongs into the transaction of the results of the blocks given so far; where that fails, a
 * new reader starts from what is stored.
 */
export class Reader {
  readonly #options: ReaderOptions
  readonly #rows: Rows
  readonly #scratch: Scratch = { bytes: Buffer.alloc(0) }
  readonly #table = new RecordTable()
  readonly #open = new Map<number, FileReader>()
  #turns: Turns | undefined
  #problems: ReadProblem[] = []
  #now = 0

  constructor(options: ReaderOptions, stored: readonly StoredFile[]) {
    this.#options = options
    this.#rows = new Rows(stored)
  }

  async discover(): Promise<Discovery> {
    await this.close()
    this.#now = this.#options.clock.now()
    const found = scan(this.#options, this.#now)
    const identification = new Identification(this.#rows, this.#now)
    const matches = await identification.run(found.files, found.restless)
    this.#problems = [...found.problems, ...identification.problems]
    const reading = matches.filter((match) => match.state === 'read')
    this.#startEqual(reading.map((match) => this.#rows.get(match.id)!))
    const toRead: Match[] = []
    let bytesToRead = 0
    for (const match of matches) {
      if (match.state === 'idle') this.#recall(match)
      if (match.state !== 'read') continue
      const row = this.#rows.get(match.id)!
      const bytes = bytesLeft(match, row)
      if (bytes === 0) continue
      bytesToRead += bytes
      toRead.push(match)
      if (match.content?.compressed !== true) this.#rows.update(row.id, { size: match.found.size, signature: '' })
    }
    this.#turns = new Turns(toRead, this.#rows, this.#options.maxOpenFiles)
    return { files: found.files.length, toRead: toRead.length, bytesToRead, problems: this.#problems }
  }

  /** The next block of records of some file, or undefined once everything discovered is read. */
  async next(): Promise<Read | undefined> {
    for (;;) {
      const match = this.#turns?.current()
      if (match === undefined || this.#turns === undefined) return undefined
      const before = this.#rows.get(match.id)!.position
      const read = await this.#read(match)
      this.#turns.served(this.#rows.get(match.id)!.position - before)
      if (this.#open.get(match.id)?.done !== false) {
        this.#recall(match)
        this.#open.get(match.id)?.close()
        this.#open.delete(match.id)
        this.#turns.finished()
      }
      if (read !== undefined) return read
    }
  }

  /** What is to be saved: everything that changed since this was last asked. */
  moved(): readonly StoredFile[] {
    return this.#rows.takeChanged()
  }

  problems(): readonly ReadProblem[] {
    return this.#problems
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) file.close()
    this.#open.clear()
    this.#turns = undefined
  }

  async #read(match: Match): Promise<Read | undefined> {
    let file = this.#open.get(match.id)
    if (file === undefined) {
      file = new FileReader(match, this.#rows, { ...this.#options, now: this.#now }, this.#scratch, this.#table)
      this.#open.set(match.id, file)
    }
    try {
      return await file.next()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      this.#problems.push({ path: match.found.path, kind: 'unreadable', detail: messageOf(error) })
      file.close()
      return undefined
    }
  }

  /** Files that were not being read begin with what the one given least was given, so that they do not go first for ever. */
  #startEqual(rows: readonly StoredFile[]): void {
    const interrupted = rows.filter((row) => row.position < row.size && row.signature === '')
    const least = Math.min(...interrupted.map((row) => row.served))
    for (const row of rows) {
      if (!interrupted.includes(row)) this.#rows.update(row.id, { served: Number.isFinite(least) ? least : 0 })
    }
  }

  /** Tells again why a file was left alone. */
  #recall(match: Match): void {
    const problem = problemOf(match.found.path, this.#rows.get(match.id)!.problem)
    if (problem) this.#problems.push(problem)
  }
}

function bytesLeft(match: Match, row: StoredFile): number {
  if (match.content?.compressed !== true) return Math.max(0, match.found.size - row.position)
  return Math.max(1, match.found.size * TYPICAL_RATIO - row.position)
}

/** How much access logs shrink under gzip, for the estimate of what is to be read. */
const TYPICAL_RATIO = 10
