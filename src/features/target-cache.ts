import { LruTable } from '../core/lru-table.ts'
import { hashSlice } from '../core/slice-table.ts'
import { TARGET_COLUMNS } from './http-features.ts'

const CAPACITY = 16_384
/** Longer targets are seldom asked for twice. */
const LONGEST = 256
const CELLS = 1 << 16

/**
 * The columns of request targets seen before, under profiles that no longer change. Most requests of a server are for the
 * same few thousand targets. A target is kept from its second sight on, so that those that come once cost a hash only.
 */
export class TargetCache {
  readonly #table = new LruTable(CAPACITY)
  readonly #columns = new Float32Array(CAPACITY * TARGET_COLUMNS)
  readonly #shapes = new Int32Array(CAPACITY)
  readonly #seen = new Uint8Array(CELLS)

  /** Copies the columns of text[start, end) to data[row, ...) and returns its shape, or -1 where it is not kept. */
  get(text: string, start: number, end: number, data: Float32Array, row: number): number {
    if (end - start > LONGEST) return -1
    const slot = this.#table.touch(text, start, end)
    if (slot < 0) return -1
    const from = slot * TARGET_COLUMNS
    for (let i = 0; i < TARGET_COLUMNS; i++) data[row + i] = this.#columns[from + i]
    return this.#shapes[slot]
  }

  put(text: string, start: number, end: number, data: Float32Array, row: number, shape: number): void {
    if (end - start > LONGEST) return
    const hash = hashSlice(text, start, end, 1)
    const mark = ((hash >>> 16) % 255) | 1
    const cell = hash & (CELLS - 1)
    if (this.#seen[cell] !== mark) {
      this.#seen[cell] = mark
      return
    }
    const slot = this.#table.claim(text, start, end)
    const to = slot * TARGET_COLUMNS
    for (let i = 0; i < TARGET_COLUMNS; i++) this.#columns[to + i] = data[row + i]
    this.#shapes[slot] = shape
  }
}
