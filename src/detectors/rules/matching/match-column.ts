import type { HttpBlock, SliceColumn } from '../../../core/columns/block.ts'
import { type ColumnResult, NO_RESULT } from '../prefilter/column-result.ts'
import { LiteralScanner } from '../prefilter/literal-scanner.ts'
import type { PrefilterPlan } from '../prefilter/plan.ts'
import { excerpt } from '../views/excerpt.ts'
import { type HttpView, normaliseHeader } from '../views/http-view.ts'
import { MatchedRules } from './matched-rules.ts'

/** Matches rules against a text of one column: a User-Agent, a referrer, a method. */
export class ColumnMatcher {
  readonly #column: (block: HttpBlock) => SliceColumn
  readonly #matched: MatchedRules
  readonly #scanner: LiteralScanner
  readonly #view: HttpView

  constructor(plan: PrefilterPlan, name: string, column: (block: HttpBlock) => SliceColumn, view: HttpView) {
    this.#column = column
    this.#matched = new MatchedRules(plan, 0, (unit) => unit.column === name)
    this.#scanner = new LiteralScanner(plan.literals.get(name) ?? [])
    this.#view = view
  }

  of(block: HttpBlock, index: number): ColumnResult {
    const column = this.#column(block)
    if (column.isEmpty(index)) return NO_RESULT
    const value = excerpt(column.latin1(index))
    const { hits } = this.#matched
    hits.clear()
    this.#scanner.scan(value, hits)
    const decoded = normaliseHeader(value)
    if (decoded !== value) this.#scanner.scan(decoded, hits)
    const clauses = this.#matched.shared()
    if (!this.#matched.candidates) return clauses.length === 0 ? NO_RESULT : { rules: [], clauses }
    this.#view.move(block, index)
    return { rules: [...this.#matched.evaluate(this.#view)], clauses }
  }
}
