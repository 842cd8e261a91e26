import { RowsById } from '../../core/columns/by-id.ts'
import type { Ids } from '../../core/columns/dictionary.ts'
import { TARGET_COLUMNS } from './http-features.ts'

/**
 * The columns of request targets seen before and the shape of their path, under profiles that no longer change. Most
 * requests of a server are for the same few thousand targets.
 */
export class TargetCache {
  readonly #rows = new RowsById(TARGET_COLUMNS + 1)

  /** Says which ids are meant from here on. */
  follow(ids: Ids): void {
    this.#rows.follow(ids)
  }

  /** Copies the columns of a target to data[row, ...) and returns its shape, or -1 where it is not kept. */
  get(id: number, data: Float32Array, row: number): number {
    const from = this.#rows.find(id)
    if (from < 0) return -1
    const kept = this.#rows.data
    for (let i = 0; i < TARGET_COLUMNS; i++) data[row + i] = kept[from + i]
    return kept[from + TARGET_COLUMNS]
  }

  put(id: number, data: Float32Array, row: number, shape: number): void {
    if (id < 0) return
    const to = this.#rows.add(id)
    const kept = this.#rows.data
    for (let i = 0; i < TARGET_COLUMNS; i++) kept[to + i] = data[row + i]
    kept[to + TARGET_COLUMNS] = shape
  }
}
