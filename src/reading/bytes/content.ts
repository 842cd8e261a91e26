import { closeSync, fstatSync, openSync } from 'node:fs'
import { fingerprint, HEAD_BYTES, markerLength } from '../identity/fingerprint.ts'
import { type FoundFile, inodeOf } from '../identity/scan.ts'
import type { SourceEnd } from './byte-source.ts'
import { GzipSource } from './gzip-source.ts'
import { readFully } from './plain-source.ts'

export interface Measurement {
  /** Hash of the bytes before each requested position; a position beyond the end has none. */
  readonly markers: ReadonlyMap<number, string>
  /** Length of the content; undefined if the end was not reached. */
  readonly length: number | undefined
  readonly end: SourceEnd
}

const STEP_BYTES = 1024 * 1024

/** The content of a file, for comparison with stored streams. It keeps no file descriptor open. */
export class Content {
  readonly compressed: boolean
  /** The first `HEAD_BYTES` of the content, or all of it if shorter. */
  readonly head: Buffer
  readonly #file: FoundFile
  readonly #hashes = new Map<number, string>()

  private constructor(file: FoundFile, compressed: boolean, head: Buffer) {
    this.#file = file
    this.compressed = compressed
    this.head = head
  }

  /**
   * Opens a file and reads its head. Undefined if its path now names another file.
   * @throws the system error if the file cannot be opened or read
   */
  static async of(file: FoundFile): Promise<Content | undefined> {
    const fd = openFound(file)
    if (fd === undefined) return undefined
    try {
      const head = Buffer.alloc(HEAD_BYTES)
      const bytes = head.subarray(0, readFully(fd, head, HEAD_BYTES, 0))
      if (!isGzip(bytes)) return new Content(file, false, bytes)
      const source = new GzipSource(fd)
      const inflated = await source.fill(0, HEAD_BYTES)
      source.release()
      return new Content(file, true, inflated === 'changed' ? Buffer.alloc(0) : Buffer.from(inflated))
    } finally {
      closeSync(fd)
    }
  }

  /** Hash of the first `length` bytes; undefined if there are fewer. */
  headHash(length: number): string | undefined {
    if (length > this.head.length) return undefined
    let hash = this.#hashes.get(length)
    if (hash === undefined) {
      hash = fingerprint(this.head.subarray(0, length))
      this.#hashes.set(length, hash)
    }
    return hash
  }

  /**
   * Hashes the bytes before each position, and reads on to the end if `toEnd`. Undefined if the path now names another
   * file.
   */
  async measure(positions: readonly number[], toEnd: boolean): Promise<Measurement | undefined> {
    const fd = openFound(this.#file)
    if (fd === undefined) return undefined
    try {
      return this.compressed ? await measureGzip(fd, positions, toEnd) : measurePlain(fd, positions)
    } finally {
      closeSync(fd)
    }
  }
}

function measurePlain(fd: number, positions: readonly number[]): Measurement {
  const length = fstatSync(fd).size
  const markers = new Map<number, string>()
  for (const position of [...positions, length]) {
    const bytes = Buffer.allocUnsafe(markerLength(position))
    const count = readFully(fd, bytes, bytes.length, position - bytes.length)
    if (position <= length && count === bytes.length) markers.set(position, fingerprint(bytes))
  }
  return { markers, length, end: 'open' }
}

async function measureGzip(fd: number, positions: readonly number[], toEnd: boolean): Promise<Measurement> {
  const source = new GzipSource(fd)
  const markers = new Map<number, string>()
  let at = 0
  try {
    for (const position of [...positions].sort((a, b) => a - b)) {
      if ((await source.fill(position, 0)) === 'changed') return { markers, length: undefined, end: source.end }
      markers.set(position, source.markerAt(position))
      at = position
    }
    for (;;) {
      const view = await source.fill(at, toEnd ? STEP_BYTES : 1)
      if (view === 'changed') return { markers, length: undefined, end: source.end }
      at += view.length
      const ended = view.length < (toEnd ? STEP_BYTES : 1)
      if (ended) markers.set(at, source.markerAt(at))
      if (ended || !toEnd) return { markers, length: ended ? at : undefined, end: source.end }
    }
  } finally {
    source.release()
  }
}

/** Opens exactly the file that was found; undefined if its path now names another file. */
export function openFound(file: FoundFile): number | undefined {
  let fd: number
  try {
    fd = openSync(file.path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (inodeOf(fstatSync(fd, { bigint: true })) === file.inode) return fd
  closeSync(fd)
  return undefined
}

export function isGzip(head: Buffer): boolean {
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8
}
