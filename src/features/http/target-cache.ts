import { RowsById } from '../../core/columns/by-id.ts'
import type { Ids } from '../../core/columns/dictionary.ts'
import { TARGET_COLUMNS } from './http-features.ts'

/**
 * Caches the feature columns and path shape of request targets, under frozen profiles. Most requests of a server are
 * for the same few thousand targets.
 */
export class TargetCache {
  readonly #rows = new RowsById(TARGET_COLUMNS + 1)

  /** Selects the ids that `get` and `put` refer to. */
  follow(ids: Ids): void {
    this.#rows.follow(ids)
  }

  /** Copies the columns of a target to data[row, ...) and returns its shape; -1 if it is not cached. */
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
