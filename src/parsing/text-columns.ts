import type { StringColumn } from '../core/block.ts'
import type { Ids } from '../core/dictionary.ts'

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

/** Epochs of the lists of names that codes stand for: a code is a number as good as that of a dictionary. */
const EPOCHS = new WeakMap<readonly string[], number>()

/** A column of few different strings: a code per event, out of a list that only grows. */
export class CodeColumn implements StringColumn {
  readonly #codes: Uint8Array | Int32Array
  readonly #names: readonly string[]

  constructor(codes: Uint8Array | Int32Array, names: readonly string[]) {
    this.#codes = codes
    this.#names = names
  }

  at(index: number): string {
    return this.#names[this.#codes[index]]
  }

  get ids(): Ids {
    const epoch = EPOCHS.get(this.#names) ?? Math.random()
    EPOCHS.set(this.#names, epoch)
    return { epoch, size: this.#names.length, of: Int32Array.from(this.#codes) }
  }
}
