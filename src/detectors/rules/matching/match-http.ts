import type { HttpBlock, SliceColumn } from '../../../core/columns/block.ts'
import type { CompiledSource } from '../loading/compile.ts'
import type { ColumnResult } from '../prefilter/column-result.ts'
import { planPrefilter } from '../prefilter/plan.ts'
import { HttpView } from '../views/http-view.ts'
import { ColumnResults } from './column-results.ts'
import { ColumnMatcher } from './match-column.ts'
import { TargetMatcher } from './match-target.ts'
import { MatchedRules } from './matched-rules.ts'

/** Called for each matched event with the numbers of its rules; `rules` is reused after the call. */
export type OnMatch = (index: number, rules: readonly number[]) => void

const COLUMNS: Readonly<Record<string, (block: HttpBlock) => SliceColumn>> = {
  user_agent: (block) => block.userAgent,
  referer: (block) => block.referer,
  method: (block) => block.method,
  protocol: (block) => block.protocol,
  user: (block) => block.user,
  vhost: (block) => block.vhost,
}

/**
 * Matches web server rules against blocks of requests. Each column is matched separately, which decides the rules that
 * depend on it alone. A rule over several columns is evaluated once each column satisfies its clauses. A block is
 * processed column by column, and each numbered text of a column is matched once.
 */
export class HttpMatcher {
  readonly source: CompiledSource
  readonly view: HttpView
  readonly #columns: readonly ColumnResults[]
  readonly #status: readonly (Int32Array | undefined)[] | undefined
  /** Evaluates the units that need several columns. */
  readonly #mixed: MatchedRules
  readonly #found: number[] = []
  /** Per event of the block: its results, and 1 if there are any. */
  #results: ColumnResult[][] = []
  #hasResult = new Uint8Array(0)

  constructor(source: CompiledSource, view = new HttpView()) {
    this.source = source
    this.view = view
    const plan = planPrefilter(source)
    this.#mixed = new MatchedRules(
      plan,
      0,
      ({ column }) => column !== 'target' && !Object.hasOwn(COLUMNS, column ?? ''),
    )
    this.#status = plan.numbers.get('status')
    const columns = Object.entries(COLUMNS).filter(([name]) => plan.literals.has(name))
    this.#columns = [
      new ColumnResults((block) => block.target, new TargetMatcher(plan, this.view)),
      ...columns.map(([name, column]) => new ColumnResults(column, new ColumnMatcher(plan, name, column, this.view))),
    ]
  }

  match(block: HttpBlock, onMatch: OnMatch): void {
    if (this.#hasResult.length < block.count) this.#hasResult = new Uint8Array(block.count)
    else this.#hasResult.fill(0)
    this.#results = []
    for (const column of this.#columns) column.match(block, (i, result) => this.#addResult(i, result))
    for (let i = 0; i < block.count; i++) {
      const byStatus = this.#status?.[block.status[i]]
      if (this.#hasResult[i] === 0 && byStatus === undefined && !this.#mixed.unconditional) continue
      const rules = this.#matchesOf(block, i, byStatus)
      if (rules.length > 0) onMatch(i, rules)
    }
    this.#results = []
  }

  #addResult(index: number, result: ColumnResult): void {
    if (this.#hasResult[index] === 1) this.#results[index].push(result)
    else this.#results[index] = [result]
    this.#hasResult[index] = 1
  }

  #matchesOf(block: HttpBlock, index: number, byStatus: Int32Array | undefined): readonly number[] {
    const { hits } = this.#mixed
    hits.clear()
    this.#found.length = 0
    if (this.#hasResult[index] === 1) {
      for (const { rules, clauses } of this.#results[index]) {
        hits.addAll(clauses)
        this.#add(rules)
      }
    }
    if (byStatus !== undefined) hits.addAll(byStatus)
    if (this.#mixed.candidates) {
      this.view.move(block, index)
      this.#add(this.#mixed.evaluate(this.view))
    }
    return this.#found.sort((a, b) => a - b)
  }

  #add(rules: readonly number[]): void {
    for (const rule of rules) if (!this.#found.includes(rule)) this.#found.push(rule)
  }
}
