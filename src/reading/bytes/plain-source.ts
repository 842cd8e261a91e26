import { closeSync, readSync } from 'node:fs'
import { fingerprint, markerLength } from '../identity/fingerprint.ts'
import type { ByteSource, ExpectedContent, Scratch, SourceEnd } from './byte-source.ts'

/**
 * Reads an uncompressed file. Every read includes the bytes before its position and compares their hash, so a file that
 * was truncated and rewritten between two reads is detected, whatever its new length.
 */
export class PlainSource implements ByteSource {
  readonly end: SourceEnd = 'open'
  readonly #fd: number
  readonly #expected: ExpectedContent
  readonly #scratch: Scratch
  #position: number
  #markerHash: string
  #viewStart = 0

  /** Takes ownership of `fd`. */
  constructor(fd: number, expected: ExpectedContent, scratch: Scratch) {
    this.#fd = fd
    this.#expected = expected
    this.#scratch = scratch
    this.#position = expected.position
    this.#markerHash = expected.markerHash
  }

  async fill(position: number, length: number): Promise<Buffer | 'changed'> {
    if (position !== this.#position) throw new RangeError('A plain file must be read from its last marked position.')
    const lead = markerLength(position)
    const wanted = lead === 0 ? Math.max(length, this.#expected.headLength) : lead + length
    if (this.#scratch.bytes.length < wanted) this.#scratch.bytes = Buffer.allocUnsafe(wanted)
    const view = this.#scratch.bytes
    const count = readFully(this.#fd, view, wanted, position - lead)
    if (count < lead) return 'changed'
    if (lead > 0 && fingerprint(view.subarray(0, lead)) !== this.#markerHash) return 'changed'
    if (lead === 0 && !beginsAsExpected(view.subarray(0, count), this.#expected)) return 'changed'
    this.#viewStart = position - lead
    return view.subarray(lead, Math.min(count, lead + length))
  }

  markerAt(position: number): string {
    if (position === this.#position) return this.#markerHash
    const end = position - this.#viewStart
    this.#position = position
    this.#markerHash = fingerprint(this.#scratch.bytes.subarray(end - markerLength(position), end))
    return this.#markerHash
  }

  close(): void {
    closeSync(this.#fd)
  }
}

export function beginsAsExpected(head: Buffer, expected: ExpectedContent): boolean {
  return head.length >= expected.headLength && fingerprint(head.subarray(0, expected.headLength)) === expected.headHash
}

/** Reads `length` bytes at `position`, or fewer at the end of the file. Returns the number of bytes read. */
export function readFully(fd: number, into: Buffer, length: number, position: number): number {
  let count = 0
  while (count < length) {
    const got = readSync(fd, into, count, length - count, position + count)
    if (got === 0) break
    count += got
  }
  return count
}
