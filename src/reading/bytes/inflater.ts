import { createGunzip, type Gunzip } from 'node:zlib'

export type InflateEnd = 'complete' | 'truncated' | 'corrupt'

/**
 * Decompresses one piece at a time, so that no more is held than one piece expands to (at most about 1,000 times its
 * length). Consecutive gzip members are one stream.
 */
export class Inflater {
  readonly #gunzip: Gunzip = createGunzip()
  #out: Buffer[] = []
  #error: NodeJS.ErrnoException | undefined
  #wake: (() => void) | undefined

  constructor() {
    this.#gunzip.on('data', (chunk: Buffer) => this.#out.push(chunk))
    this.#gunzip.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error
      this.#wake?.()
    })
    this.#gunzip.on('end', () => this.#wake?.())
  }

  get failed(): boolean {
    return this.#error !== undefined
  }

  /** Decompresses a piece. If the stream is damaged, `failed` is true afterwards. */
  async feed(piece: Buffer): Promise<Buffer[]> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#gunzip.write(piece, () => resolve())
    })
    return this.#take()
  }

  /** Ends the input: returns the remaining output, and how the stream ended. */
  async end(): Promise<{ rest: Buffer[]; end: InflateEnd }> {
    if (!this.failed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#gunzip.end()
      })
    }
    const rest = this.#take()
    if (this.#error === undefined) return { rest, end: 'complete' }
    return { rest, end: this.#error.code === 'Z_BUF_ERROR' ? 'truncated' : 'corrupt' }
  }

  close(): void {
    this.#gunzip.destroy()
  }

  #take(): Buffer[] {
    const taken = this.#out
    this.#out = []
    return taken
  }
}
