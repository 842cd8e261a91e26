import { closeSync, readSync } from 'node:fs'
import { fingerprint, markerLength } from '../identity/fingerprint.ts'
import type { ByteSource, Known, Scratch, SourceEnd } from './byte-source.ts'

/**
 * A file read where it lies. Every read takes the bytes before its position along and compares them, so that a file
 * truncated and written anew between two reads is noticed, however long it has become by then.
 */
export class PlainSource implements ByteSource {
  readonly end: SourceEnd = 'open'
  readonly #fd: number
  readonly #known: Known
  readonly #scratch: Scratch
  #position: number
  #markerHash: string
  #viewStart = 0

  /** Takes over `fd`. */
  constructor(fd: number, known: Known, scratch: Scratch) {
    this.#fd = fd
    this.#known = known
    this.#scratch = scratch
    this.#position = known.position
    this.#markerHash = known.markerHash
  }

  async fill(position: number, length: number): Promise<Buffer | 'changed'> {
    if (position !== this.#position) throw new RangeError('A plain file is read from its last mark on.')
    const lead = markerLength(position)
    const wanted = lead === 0 ? Math.max(length, this.#known.headLength) : lead + length
    if (this.#scratch.bytes.length < wanted) this.#scratch.bytes = Buffer.allocUnsafe(wanted)
    const view = this.#scratch.bytes
    const count = readFully(this.#fd, view, wanted, position - lead)
    if (count < lead) return 'changed'
    if (lead > 0 && fingerprint(view.subarray(0, lead)) !== this.#markerHash) return 'changed'
    if (lead === 0 && !beginsAsKnown(view.subarray(0, count), this.#known)) return 'changed'
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

export function beginsAsKnown(head: Buffer, known: Known): boolean {
  return head.length >= known.headLength && fingerprint(head.subarray(0, known.headLength)) === known.headHash
}

/** Reads `length` bytes at `position`, or what there is. */
export function readFully(fd: number, into: Buffer, length: number, position: number): number {
  let count = 0
  while (count < length) {
    const got = readSync(fd, into, count, length - count, position + count)
    if (got === 0) break
    count += got
  }
  return count
}
