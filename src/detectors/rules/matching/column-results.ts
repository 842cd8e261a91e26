import type { HttpBlock, SliceColumn } from '../../../core/columns/block.ts'
import { ById } from '../../../core/columns/by-id.ts'
import { Dictionary, type Ids } from '../../../core/columns/dictionary.ts'
import { type ColumnResult, NO_RESULT } from '../prefilter/column-result.ts'

/** Matches rules against one text of a column. */
export interface TextMatcher {
  of(block: HttpBlock, index: number): ColumnResult
}

/** Cached value of a text without a result. */
const EMPTY = 0

/** Matches the texts of a column, and caches the results by text number. */
export class ColumnResults {
  readonly #column: (block: HttpBlock) => SliceColumn
  readonly #matcher: TextMatcher
  readonly #known = new ById()
  /** The cached results; per text number, the index into this list plus one. */
  #results: ColumnResult[] = []
  #epoch = Number.NaN
  /** Dictionary for columns without numbers. */
  #dictionary: Dictionary | undefined

  constructor(column: (block: HttpBlock) => SliceColumn, matcher: TextMatcher) {
    this.#column = column
    this.#matcher = matcher
  }

  /** Calls `onResult` for each event whose text has a result. */
  match(block: HttpBlock, onResult: (index: number, result: ColumnResult) => void): void {
    const ids = this.#idsOf(this.#column(block))
    if (ids.epoch !== this.#epoch) this.#results = []
    this.#epoch = ids.epoch
    const known = this.#known.follow(ids)
    const { of } = ids
    for (let i = 0; i < block.count; i++) {
      const id = of[i]
      const place = id < 0 ? -1 : known[id]
      if (place === EMPTY) continue
      const result = place > 0 ? this.#results[place - 1] : this.#matcher.of(block, i)
      if (place < 0 && id >= 0) known[id] = result === NO_RESULT ? EMPTY : this.#results.push(result)
      if (result !== NO_RESULT) onResult(i, result)
    }
  }

  #idsOf(column: SliceColumn): Ids {
    if (column.ids) return column.ids
    this.#dictionary ??= new Dictionary()
    return this.#dictionary.encode(column.source.bytes, column.starts, column.ends)
  }
}
