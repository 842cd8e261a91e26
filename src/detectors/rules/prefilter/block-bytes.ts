/**
 * The bytes of texts of one byte per character, in a buffer that is used again. Columns of a block are cut from one
 * text, so a block costs one copy; typed arrays are read several times faster than strings.
 */
export class BlockBytes {
  #text = ''
  #bytes = Buffer.alloc(0)
  /** The same bytes, for reading four at a time. */
  words = new DataView(this.#bytes.buffer)

  /** Valid, as `words` is, until the next call with another text. */
  of(text: string): Uint8Array {
    return text === this.#text ? this.#bytes : this.#copy(text)
  }

  /** Lets go of the text. */
  release(): void {
    this.#text = ''
  }

  #copy(text: string): Uint8Array {
    if (this.#bytes.length < text.length) {
      this.#bytes = Buffer.alloc(text.length + (text.length >>> 2))
      this.words = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
    }
    this.#bytes.write(text, 'latin1')
    this.#text = text
    return this.#bytes
  }
}
