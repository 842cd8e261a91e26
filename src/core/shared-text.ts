/** Text of a character per byte (latin1) in memory that threads share: only the slices that somebody asks for become strings. */
export class SharedText {
  readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  slice(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end)
  }
}
