import type { HttpBlock, SliceColumn } from '../../core/block.ts'
import type { CompiledSource } from './compile.ts'
import { ColumnMatcher } from './match-column.ts'
import { TargetMatcher } from './match-target.ts'
import { MatchedRules } from './matched-rules.ts'
import { BlockBytes } from './prefilter/block-bytes.ts'
import { planPrefilter } from './prefilter/plan.ts'
import type { Verdict } from './prefilter/verdict.ts'
import { HttpView } from './views/http-view.ts'

/** Called for each event that some rule matched, with the numbers of those rules; `rules` is used again afterwards. */
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
 * Matches the rules of web servers against blocks of requests. Each column is judged by itself and says which rules
 * match by it alone; rules that need several columns are evaluated where each has shown what they cannot do without.
 */
export class HttpMatcher {
  readonly source: CompiledSource
  readonly view = new HttpView()
  readonly #bytes = new BlockBytes()
  readonly #target: TargetMatcher
  readonly #columns: readonly ColumnMatcher[]
  readonly #status: readonly (Int32Array | undefined)[] | undefined
  /** Decides the units that no column decides alone. */
  readonly #mixed: MatchedRules
  readonly #found: number[] = []

  constructor(source: CompiledSource) {
    this.source = source
    const plan = planPrefilter(source)
    this.#mixed = new MatchedRules(
      plan,
      0,
      ({ column }) => column !== 'target' && !Object.hasOwn(COLUMNS, column ?? ''),
    )
    this.#status = plan.numbers.get('status')
    this.#target = new TargetMatcher(plan, this.#bytes, this.view)
    this.#columns = Object.entries(COLUMNS)
      .filter(([name]) => plan.literals.has(name))
      .map(([name, column]) => new ColumnMatcher(plan, name, column, this.#bytes, this.view))
  }

  match(block: HttpBlock, onMatch: OnMatch): void {
    const { hits } = this.#mixed
    for (let i = 0; i < block.count; i++) {
      hits.clear()
      this.#found.length = 0
      this.#take(this.#target.of(block, i))
      for (let c = 0; c < this.#columns.length; c++) this.#take(this.#columns[c].of(block, i))
      const byStatus = this.#status?.[block.status[i]]
      if (byStatus !== undefined) hits.addAll(byStatus)
      if (this.#mixed.candidates) {
        this.view.move(block, i)
        this.#add(this.#mixed.evaluate(this.view))
      }
      if (this.#found.length > 0)
        onMatch(
          i,
          this.#found.sort((a, b) => a - b),
        )
    }
    this.#bytes.release()
  }

  #take({ rules, clauses }: Verdict): void {
    if (clauses.length > 0) this.#mixed.hits.addAll(clauses)
    if (rules.length > 0) this.#add(rules)
  }

  #add(rules: readonly number[]): void {
    for (const rule of rules) if (!this.#found.includes(rule)) this.#found.push(rule)
  }
}
