/** Text of a character per byte (latin1). What is cut from it is a string of its own, which keeps nothing else alive. */
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
