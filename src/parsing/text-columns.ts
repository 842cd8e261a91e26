import { own, type StringColumn } from '../core/columns/block.ts'
import type { Ids } from '../core/columns/dictionary.ts'

/** Names in one list, and their characters, after which the parser starts a new list. */
const NAMES = 4096
const CHARACTERS = 1 << 20

/** Assigns codes to repeated names. */
export class Names {
  readonly list: string[] = []
  readonly #codes = new Map<string, number>()
  #characters = 0

  get full(): boolean {
    return this.list.length > NAMES || this.#characters > CHARACTERS
  }

  code(name: string): number {
    const known = this.#codes.get(name)
    if (known !== undefined) return known
    const kept = own(name)
    this.#codes.set(kept, this.list.length)
    this.#characters += kept.length
    return this.list.push(kept) - 1
  }
}

/** The epoch of each name list, so that its codes can serve as dictionary numbers. */
const EPOCHS = new WeakMap<readonly string[], number>()

/** A column with few different strings: one code per event, from a list that only grows. */
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
