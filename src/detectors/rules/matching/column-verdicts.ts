import type { HttpBlock, SliceColumn } from '../../../core/columns/block.ts'
import { ById } from '../../../core/columns/by-id.ts'
import { Dictionary, type Ids } from '../../../core/columns/dictionary.ts'
import { NO_VERDICT, type Verdict } from '../prefilter/verdict.ts'

/** Judges one text of a column. */
export interface TextMatcher {
  of(block: HttpBlock, index: number): Verdict
}

/** What is kept for a text that says nothing. */
const SILENT = 0

/** The verdicts on the texts of a column, kept by their numbers. */
export class ColumnVerdicts {
  readonly #column: (block: HttpBlock) => SliceColumn
  readonly #matcher: TextMatcher
  readonly #known = new ById()
  /** Those that say something; what is kept by a text's number is the place behind one of them. */
  #verdicts: Verdict[] = []
  #epoch = Number.NaN
  /** For columns that come without numbers. */
  #dictionary: Dictionary | undefined

  constructor(column: (block: HttpBlock) => SliceColumn, matcher: TextMatcher) {
    this.#column = column
    this.#matcher = matcher
  }

  /** Calls `onVerdict` for each event whose text says something. */
  judge(block: HttpBlock, onVerdict: (index: number, verdict: Verdict) => void): void {
    const ids = this.#idsOf(this.#column(block))
    if (ids.epoch !== this.#epoch) this.#verdicts = []
    this.#epoch = ids.epoch
    const known = this.#known.follow(ids)
    const { of } = ids
    for (let i = 0; i < block.count; i++) {
      const id = of[i]
      const place = id < 0 ? -1 : known[id]
      if (place === SILENT) continue
      const verdict = place > 0 ? this.#verdicts[place - 1] : this.#matcher.of(block, i)
      if (place < 0 && id >= 0) known[id] = verdict === NO_VERDICT ? SILENT : this.#verdicts.push(verdict)
      if (verdict !== NO_VERDICT) onVerdict(i, verdict)
    }
  }

  #idsOf(column: SliceColumn): Ids {
    if (column.ids) return column.ids
    this.#dictionary ??= new Dictionary()
    return this.#dictionary.encode(column.source.bytes, column.starts, column.ends)
  }
}
