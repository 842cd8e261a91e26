import { own, type StringColumn } from '../core/columns/block.ts'
import type { Ids } from '../core/columns/dictionary.ts'

/** Names in one list; after more of them another list is to begin. */
const NAMES = 4096

/** Codes for names that come again and again. */
export class Names {
  readonly list: string[] = []
  readonly #codes = new Map<string, number>()

  get full(): boolean {
    return this.list.length > NAMES
  }

  code(name: string): number {
    const known = this.#codes.get(name)
    if (known !== undefined) return known
    const kept = own(name)
    this.#codes.set(kept, this.list.length)
    return this.list.push(kept) - 1
  }
}

/** Epochs of the lists of names that codes stand for: a code is a number as good as that of a dictionary. */
const EPOCHS = new WeakMap<readonly string[], number>()

/** A column of few different strings: a code per event, out of a list that only grows. */
export class CodeColumn implements StringColumn {
  readonly #codes: Uint8Array | Int32Array
  readonly #names: readonly string[]
  #ids: Ids | undefined

  constructor(codes: Uint8Array | Int32Array, names: readonly string[]) {
    this.#codes = codes
    this.#names = names
  }

  at(index: number): string {
    return this.#names[this.#codes[index]]
  }

  get ids(): Ids {
    this.#ids ??= { epoch: epochOf(this.#names), size: this.#names.length, of: Int32Array.from(this.#codes) }
    return this.#ids
  }
}

function epochOf(names: readonly string[]): number {
  const epoch = EPOCHS.get(names) ?? Math.random()
  EPOCHS.set(names, epoch)
  return epoch
}
