import type { HttpBlock, SliceColumn } from '../../../core/columns/block.ts'
import type { CompiledSource } from '../loading/compile.ts'
import { planPrefilter } from '../prefilter/plan.ts'
import type { Verdict } from '../prefilter/verdict.ts'
import { HttpView } from '../views/http-view.ts'
import { ColumnVerdicts } from './column-verdicts.ts'
import { ColumnMatcher } from './match-column.ts'
import { TargetMatcher } from './match-target.ts'
import { MatchedRules } from './matched-rules.ts'

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
 * A block is gone through column by column, and each text of a column is judged once for as long as it has a number.
 */
export class HttpMatcher {
  readonly source: CompiledSource
  readonly view: HttpView
  readonly #columns: readonly ColumnVerdicts[]
  readonly #status: readonly (Int32Array | undefined)[] | undefined
  /** Decides the units that no column decides alone. */
  readonly #mixed: MatchedRules
  readonly #found: number[] = []
  /** By event of the block: the verdicts that say something, and 1 where there are any. */
  #verdicts: Verdict[][] = []
  #spoken = new Uint8Array(0)

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
      new ColumnVerdicts((block) => block.target, new TargetMatcher(plan, this.view)),
      ...columns.map(([name, column]) => new ColumnVerdicts(column, new ColumnMatcher(plan, name, column, this.view))),
    ]
  }

  match(block: HttpBlock, onMatch: OnMatch): void {
    if (this.#spoken.length < block.count) this.#spoken = new Uint8Array(block.count)
    else this.#spoken.fill(0)
    this.#verdicts = []
    for (const column of this.#columns) column.judge(block, (i, verdict) => this.#hear(i, verdict))
    for (let i = 0; i < block.count; i++) {
      const byStatus = this.#status?.[block.status[i]]
      if (this.#spoken[i] === 0 && byStatus === undefined && !this.#mixed.unconditional) continue
      const rules = this.#matchesOf(block, i, byStatus)
      if (rules.length > 0) onMatch(i, rules)
    }
    this.#verdicts = []
  }

  #hear(index: number, verdict: Verdict): void {
    if (this.#spoken[index] === 1) this.#verdicts[index].push(verdict)
    else this.#verdicts[index] = [verdict]
    this.#spoken[index] = 1
  }

  #matchesOf(block: HttpBlock, index: number, byStatus: Int32Array | undefined): readonly number[] {
    const { hits } = this.#mixed
    hits.clear()
    this.#found.length = 0
    if (this.#spoken[index] === 1) {
      for (const { rules, clauses } of this.#verdicts[index]) {
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
