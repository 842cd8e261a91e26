import type { StringColumn } from '../core/block.ts'

/** A column of strings that had to be made (unescaped, normalised) while parsing. */
export class TextColumn implements StringColumn {
  readonly #values: readonly string[]

  constructor(values: readonly string[]) {
    this.#values = values
  }

  at(index: number): string {
    return this.#values[index]
  }
}

/** A column of few different strings: a code per event. */
export class CodeColumn implements StringColumn {
  readonly #codes: Uint8Array
  readonly #names: readonly string[]

  constructor(codes: Uint8Array, names: readonly string[]) {
    this.#codes = codes
    this.#names = names
  }

  at(index: number): string {
    return this.#names[this.#codes[index]]
  }
}
