import type { Clock } from '../core/clock.ts'
import { isSkipped, type ReadProblem } from '../core/documents/batch.ts'
import { messageOf } from '../core/errors.ts'
import type { StoredFile } from '../core/files/stored-file.ts'
import type { Scratch } from './bytes/byte-source.ts'
import { FileReader, type FileReaderOptions, type Read } from './file-reader.ts'
import type { Discovery } from './identity/discovery.ts'
import { Identification, type Match } from './identity/identify.ts'
import { scan } from './identity/scan.ts'
import { KnownFiles } from './known-files.ts'
import { Problems, readProblemOf } from './problems.ts'
import { RecordTable } from './records/record-table.ts'
import { Turns } from './turns.ts'

export interface ReaderOptions extends Omit<FileReaderOptions, 'now'> {
  readonly logDir: string
  /** Globs relative to `logDir`, with `/`. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** A longer record is cut and flagged, and its rest is skipped. */
  readonly maxRecordBytes: number
  /** Bytes read at a time; at least twice `maxRecordBytes` are read. */
  readonly chunkBytes: number
  /** An unterminated last record is complete if the file was not modified for this long. */
  readonly settleMs: number
  readonly maxOpenFiles: number
  readonly clock: Clock
}

/**
 * Reads every record of the files in a directory exactly once. `discover` finds the files; `next` returns blocks until
 * all of them are read. Save `moved` in the same transaction as the results of the blocks returned so far. If that
 * fails, create a new reader from what is stored.
 */
export class Reader {
  readonly #options: ReaderOptions
  readonly #known: KnownFiles
  readonly #scratch: Scratch = { bytes: Buffer.alloc(0) }
  readonly #table = new RecordTable()
  readonly #open = new Map<number, FileReader>()
  /** Files that are known to be no logs, by path. */
  readonly #skipped: Set<string>
  #turns: Turns | undefined
  #problems = new Problems()
  #now = 0

  constructor(options: ReaderOptions, stored: readonly StoredFile[]) {
    this.#options = options
    this.#known = new KnownFiles(stored)
    this.#skipped = new Set(stored.filter(isSkippedFile).map(({ path }) => path))
  }

  async discover(): Promise<Discovery> {
    await this.close()
    this.#now = this.#options.clock.now()
    const found = scan(this.#options, this.#now)
    const identification = new Identification(this.#known, this.#now)
    const matches = await identification.run(found.files, found.rotating)
    this.#problems = new Problems()
    for (const problem of [...found.problems, ...identification.problems]) this.#problems.add(problem)
    const reading = matches.filter((match) => match.state === 'read')
    this.#startEqual(reading.map((match) => this.#known.get(match.id)!))
    const toRead: Match[] = []
    let bytesToRead = 0
    for (const match of matches) {
      if (match.state === 'idle') this.#recall(match)
      if (match.state !== 'read') continue
      const row = this.#known.get(match.id)!
      const bytes = bytesLeft(match, row)
      if (bytes === 0) continue
      bytesToRead += bytes
      toRead.push(match)
      if (match.content?.compressed !== true) this.#known.update(row.id, { size: match.found.size, signature: '' })
    }
    this.#turns = new Turns(toRead, this.#known, this.#options.maxOpenFiles)
    return { files: found.files.length, toRead: toRead.length, bytesToRead, problems: this.problems() }
  }

  /** The next block of any file; undefined once everything discovered is read. */
  async next(): Promise<Read | undefined> {
    for (;;) {
      const match = this.#turns?.current()
      if (match === undefined || this.#turns === undefined) return undefined
      const before = this.#known.get(match.id)!.position
      const read = await this.#read(match)
      this.#turns.served(this.#known.get(match.id)!.position - before)
      if (this.#open.get(match.id)?.done !== false) {
        this.#recall(match)
        this.#open.get(match.id)?.close()
        this.#open.delete(match.id)
        this.#turns.finished()
      }
      if (read !== undefined) return read
    }
  }

  /** The rows to save: everything that changed since the last call. */
  moved(): readonly StoredFile[] {
    return this.#known.takeChanged()
  }

  problems(): readonly ReadProblem[] {
    return this.#problems.all()
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) file.close()
    this.#open.clear()
    this.#turns = undefined
  }

  async #read(match: Match): Promise<Read | undefined> {
    let file = this.#open.get(match.id)
    if (file === undefined) {
      file = new FileReader(match, this.#known, { ...this.#options, now: this.#now }, this.#scratch, this.#table)
      this.#open.set(match.id, file)
    }
    try {
      return await file.next()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      this.#problems.add({ path: match.found.path, kind: 'unreadable', detail: messageOf(error) })
      file.close()
      return undefined
    }
  }

  /**
   * Gives files that were not interrupted the lowest served count of the interrupted ones, so they do not always go
   * first.
   */
  #startEqual(rows: readonly StoredFile[]): void {
    const interrupted = rows.filter((row) => row.position < row.size && row.signature === '')
    const least = Math.min(...interrupted.map((row) => row.served))
    for (const row of rows) {
      if (!interrupted.includes(row)) this.#known.update(row.id, { served: Number.isFinite(least) ? least : 0 })
    }
  }

  /** Reports the stored problem of a file again. A file that is no log is reported once. */
  #recall(match: Match): void {
    const { path } = match.found
    const problem = readProblemOf(path, this.#known.get(match.id)!.problem)
    if (!problem) return
    if (isSkipped(problem)) {
      if (this.#skipped.has(path)) return
      this.#skipped.add(path)
    }
    this.#problems.add(problem)
  }
}

function isSkippedFile({ path, problem }: StoredFile): boolean {
  const known = readProblemOf(path, problem)
  return known !== undefined && isSkipped(known)
}

function bytesLeft(match: Match, row: StoredFile): number {
  if (match.content?.compressed !== true) return Math.max(0, match.found.size - row.position)
  return Math.max(1, match.found.size * TYPICAL_RATIO - row.position)
}

/** Typical compression ratio of access logs, to estimate how much there is to read. */
const TYPICAL_RATIO = 10
