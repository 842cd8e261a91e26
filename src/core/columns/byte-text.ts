/** Latin1 text over bytes, one character per byte. `slice` copies, so a slice does not keep the text in memory. */
export class ByteText {
  readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  static of(latin1: string): ByteText {
    return new ByteText(Buffer.from(latin1, 'latin1'))
  }

  slice(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end)
  }
}
