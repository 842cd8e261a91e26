import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import type { SourceFile } from '../core/columns/block.ts'
import type { ReadProblem } from '../core/documents/batch.ts'
import { messageOf } from '../core/errors.ts'
import type { SourceEnd } from './bytes/byte-source.ts'
import { isGzip } from './bytes/content.ts'
import { GzipSource } from './bytes/gzip-source.ts'
import { readFully } from './bytes/plain-source.ts'
import { type Cursor, cutWindow, START } from './cursor.ts'
import type { FileReaderOptions, Read } from './file-reader.ts'
import { damage, foreign, readProblemOf } from './problems.ts'
import { RecordTable } from './records/record-table.ts'

export type OneFileOptions = Pick<FileReaderOptions, 'maxRecordBytes' | 'chunkBytes' | 'sniff'>

interface Content {
  readonly modifiedAt: number
  /** Length of the content; unknown if it is compressed. */
  readonly size: number
  readonly end: SourceEnd
  fill(position: number, length: number): Promise<Buffer | 'changed'>
  close(): void
}

/**
 * Reads one file, or text in memory, from its first record to its last: gzip and encodings as `Reader` does, but without
 * a stored position and without following rotation. What is appended after the opening is not read.
 */
export class OneFile {
  readonly #content: Content
  readonly #source: SourceFile
  readonly #options: OneFileOptions
  readonly #table = new RecordTable()
  #cursor: Cursor = START
  #done: boolean
  #problem: ReadProblem | undefined

  private constructor(name: string, content: Content, options: OneFileOptions) {
    this.#content = content
    this.#source = { id: 1, path: name, modifiedAt: content.modifiedAt }
    this.#options = options
    this.#done = content.size === 0
  }

  /**
   * `name` replaces the path in blocks and problems.
   * @throws the system's error if the file cannot be opened
   */
  static open(path: string, name: string, options: OneFileOptions): OneFile {
    return new OneFile(name, openContent(path), options)
  }

  static ofText(text: string, name: string, now: number, options: OneFileOptions): OneFile {
    return new OneFile(name, inMemory(Buffer.from(text), now), options)
  }

  /** What kept the content from being read as it should, once it has been read. */
  get problem(): ReadProblem | undefined {
    return this.#problem
  }

  /** The next block, which is valid until the next call; undefined at the end, or once `stopped` says so. */
  async next(stopped: () => boolean = () => false): Promise<Read | undefined> {
    while (!this.#done && !stopped()) {
      const read = await this.#step().catch((error) => this.#unreadable(error))
      if (read) return read
    }
    return undefined
  }

  close(): void {
    this.#done = true
    this.#content.close()
  }

  async #step(): Promise<Read | undefined> {
    const { chunkBytes, maxRecordBytes } = this.#options
    const { position } = this.#cursor
    const length = Math.min(Math.max(chunkBytes, 2 * maxRecordBytes), this.#content.size - position)
    const raw = await this.#content.fill(position, length)
    if (raw === 'changed') throw new RangeError('Content that is compared with nothing cannot have changed.')
    this.#done = raw.length < length || position + raw.length >= this.#content.size
    const options = { ...this.#options, path: this.#source.path, final: this.#done }
    const step = cutWindow(this.#cursor, raw, options, this.#table)
    if (!step) {
      this.#done = true
      this.#problem = readProblemOf(this.#source.path, foreign(raw))
      return undefined
    }
    this.#cursor = step.cursor
    if (this.#done) this.#problem = readProblemOf(this.#source.path, damage(this.#content.end, step.cursor.position))
    return step.records && { block: { source: this.#source, ...step.records }, sniffed: step.sniffed }
  }

  #unreadable(error: unknown): undefined {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    this.#done = true
    this.#problem = { path: this.#source.path, kind: 'unreadable', detail: messageOf(error) }
  }
}

function inMemory(bytes: Buffer, modifiedAt: number): Content {
  return {
    ...{ modifiedAt, size: bytes.length, end: 'complete' },
    fill: async (position, length) => bytes.subarray(position, position + length),
    close() {},
  }
}

function openContent(path: string): Content {
  // Opening a pipe would wait for its writer.
  if (!statSync(path).isFile()) throw new Error('it is not a regular file')
  const fd = openSync(path, 'r')
  try {
    const { size, mtimeMs: modifiedAt } = fstatSync(fd)
    const head = Buffer.alloc(16)
    if (isGzip(head.subarray(0, readFully(fd, head, head.length, 0)))) return inflated(fd, modifiedAt)
    return plain(fd, size, modifiedAt)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function inflated(fd: number, modifiedAt: number): Content {
  return Object.assign(new GzipSource(fd), { modifiedAt, size: Number.POSITIVE_INFINITY })
}

function plain(fd: number, size: number, modifiedAt: number): Content {
  let view = Buffer.alloc(0)
  return {
    ...{ modifiedAt, size, end: 'open' },
    async fill(position, length) {
      if (view.length < length) view = Buffer.allocUnsafe(length)
      return view.subarray(0, readFully(fd, view, length, position))
    },
    close: () => closeSync(fd),
  }
}
