import { createGunzip, type Gunzip } from 'node:zlib'

export type InflateEnd = 'complete' | 'truncated' | 'corrupt'

/**
 * Feeds compressed pieces and hands out what they give, one piece at a time, so that no more is held than one piece
 * can expand to (some thousand times its length). Members that follow each other are one stream.
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

  /** What this piece gives; whether the stream is damaged is then told by `failed`. */
  async feed(piece: Buffer): Promise<Buffer[]> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#gunzip.write(piece, () => resolve())
    })
    return this.#take()
  }

  /** Says that there is no more input: what is left, and how the stream ended. */
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
