/** Bytes as a text of a character per byte (latin1), which is made when somebody looks at it and let go of when it rests. */
export class LazyText {
  readonly bytes: Buffer
  #text: string | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get text(): string {
    this.#text ??= this.bytes.toString('latin1')
    return this.#text
  }

  rest(): void {
    this.#text = undefined
  }
}
