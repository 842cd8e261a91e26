import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'

const BUFFER = 256 * 1024

/** A file that is appended to in large writes and is on the disk after `sync()`. It is cut to `length` first. */
export class DurableFile {
  readonly #fd: number
  #length: number
  readonly #pending = Buffer.allocUnsafe(BUFFER)
  #pendingSize = 0
  #open = true
  /** Length at the last sync. */
  #synced = -1

  constructor(path: string, length = 0) {
    this.#fd = openSync(path, length > 0 ? 'r+' : 'w')
    ftruncateSync(this.#fd, length)
    this.#length = length
  }

  write(text: string): void {
    // A character takes three bytes at most.
    if (3 * text.length > BUFFER - this.#pendingSize) this.#flush()
    if (3 * text.length > BUFFER) this.#append(Buffer.from(text))
    else this.#pendingSize += this.#pending.write(text, this.#pendingSize)
  }

  /** Writes bytes behind the text so far. */
  append(bytes: Uint8Array): void {
    this.#flush()
    this.#append(bytes)
  }

  /** Length in bytes, all of it on the disk. */
  sync(): number {
    this.#flush()
    if (this.#synced !== this.#length) fsyncSync(this.#fd)
    this.#synced = this.#length
    return this.#length
  }

  close(): void {
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }

  #flush(): void {
    const bytes = this.#pending.subarray(0, this.#pendingSize)
    this.#pendingSize = 0
    this.#append(bytes)
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.#fd, bytes, at, bytes.length - at, this.#length)
      at += written
      this.#length += written
    }
  }
}
