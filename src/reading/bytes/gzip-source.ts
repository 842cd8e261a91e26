import { closeSync } from 'node:fs'
import { fingerprint, HEAD_BYTES, markerLength } from '../identity/fingerprint.ts'
import type { ByteSource, ExpectedContent, SourceEnd } from './byte-source.ts'
import { Inflater } from './inflater.ts'
import { beginsAsExpected, readFully } from './plain-source.ts'

/**
 * Compressed bytes read at once. They expand to at most 16 MiB or so, which bounds the memory that a gzip bomb can use.
 */
const PIECE_BYTES = 16 * 1024
/** Step for re-reading a damaged piece, to recover the content before the damage. */
const SALVAGE_BYTES = 16
/** A stream is a bomb if it expands beyond this size and beyond this many times its compressed length. */
const BOMB_BYTES = 1024 * 1024 * 1024
const BOMB_RATIO = 250

/** Reads a gzip file, forward only: to continue at a position, everything before it is decompressed again. */
export class GzipSource implements ByteSource {
  readonly #fd: number
  readonly #expected: ExpectedContent | undefined
  #inflater = new Inflater()
  #end: SourceEnd = 'open'
  #taken = 0
  #held: Buffer = Buffer.allocUnsafe(64 * 1024)
  #heldLength = 0
  /** Stream position of the first buffered byte. */
  #heldStart = 0
  #verified: boolean

  /** Takes ownership of `fd` (see `release`). Without `expected`, nothing is compared. */
  constructor(fd: number, expected?: ExpectedContent) {
    this.#fd = fd
    this.#expected = expected
    this.#verified = expected === undefined
  }

  get end(): SourceEnd {
    return this.#end
  }

  async fill(position: number, length: number): Promise<Buffer | 'changed'> {
    const keepFrom = position - markerLength(position)
    this.#drop(keepFrom)
    const wanted = this.#verified ? length : Math.max(length, HEAD_BYTES)
    while (this.#heldStart + this.#heldLength < position + wanted && this.#end === 'open') {
      await this.#pull()
      this.#drop(keepFrom)
    }
    const from = position - this.#heldStart
    if (from > this.#heldLength) return 'changed'
    if (!this.#verified && !this.#isAsExpected(position, this.#held.subarray(from, this.#heldLength))) return 'changed'
    return this.#held.subarray(from, Math.min(from + length, this.#heldLength))
  }

  markerAt(position: number): string {
    const end = position - this.#heldStart
    return fingerprint(this.#held.subarray(end - markerLength(position), end))
  }

  /** Closes the decompressor but not the descriptor. */
  release(): void {
    this.#inflater.close()
  }

  close(): void {
    this.release()
    closeSync(this.#fd)
  }

  #isAsExpected(position: number, held: Buffer): boolean {
    const expected = this.#expected
    if (expected === undefined) return true
    this.#verified = position > 0 ? this.markerAt(position) === expected.markerHash : beginsAsExpected(held, expected)
    return this.#verified
  }

  async #pull(): Promise<void> {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const count = readFully(this.#fd, piece, PIECE_BYTES, this.#taken)
    if (count === 0) {
      const { rest, end } = await this.#inflater.end()
      for (const chunk of rest) this.#hold(chunk)
      this.#end = end
      return
    }
    for (const chunk of await this.#inflater.feed(piece.subarray(0, count))) this.#hold(chunk)
    if (this.#inflater.failed) {
      await this.#salvage(piece.subarray(0, count))
      this.#end = 'corrupt'
      return
    }
    this.#taken += count
    const given = this.#heldStart + this.#heldLength
    if (given > BOMB_BYTES && given > this.#taken * BOMB_RATIO) this.#end = 'bomb'
  }

  /** Zlib returns nothing of a piece in which it fails, so the piece is fed again in small steps. */
  async #salvage(piece: Buffer): Promise<void> {
    this.#inflater.close()
    this.#inflater = new Inflater()
    const again = Buffer.allocUnsafe(PIECE_BYTES)
    for (let at = 0; at < this.#taken; ) {
      const count = readFully(this.#fd, again, Math.min(PIECE_BYTES, this.#taken - at), at)
      if (count === 0) return
      await this.#inflater.feed(Buffer.from(again.subarray(0, count)))
      at += count
    }
    for (let at = 0; at < piece.length && !this.#inflater.failed; at += SALVAGE_BYTES) {
      for (const chunk of await this.#inflater.feed(piece.subarray(at, at + SALVAGE_BYTES))) this.#hold(chunk)
    }
  }

  #hold(chunk: Buffer): void {
    const needed = this.#heldLength + chunk.length
    if (needed > this.#held.length) {
      const wider = Buffer.allocUnsafe(Math.max(needed, this.#held.length * 2))
      this.#held.copy(wider, 0, 0, this.#heldLength)
      this.#held = wider
    }
    chunk.copy(this.#held, this.#heldLength)
    this.#heldLength = needed
  }

  #drop(before: number): void {
    const count = Math.min(before - this.#heldStart, this.#heldLength)
    if (count <= 0) return
    this.#held.copyWithin(0, count, this.#heldLength)
    this.#heldLength -= count
    this.#heldStart += count
  }
}
