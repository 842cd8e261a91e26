import type { HttpBlock, SliceColumn } from '../../core/block.ts'
import { MatchedRules } from './matched-rules.ts'
import type { BlockBytes } from './prefilter/block-bytes.ts'
import { ByteCache } from './prefilter/byte-cache.ts'
import { LiteralScanner } from './prefilter/literal-scanner.ts'
import type { PrefilterPlan } from './prefilter/plan.ts'
import { NO_VERDICT, type Verdict } from './prefilter/verdict.ts'
import { type HttpView, normaliseHeader } from './views/http-view.ts'

const REMEMBERED = 32_768
const SHORT = 8

/** What the values of one column say, remembered for each: User-Agents, referrers and methods repeat. */
export class ColumnMatcher {
  readonly #column: (block: HttpBlock) => SliceColumn
  readonly #matched: MatchedRules
  readonly #scanner: LiteralScanner
  readonly #bytes: BlockBytes
  readonly #view: HttpView
  readonly #known = new ByteCache<Verdict>(REMEMBERED)
  /** The last short value, because methods come in runs. */
  #last = new Uint8Array(0)
  #lastVerdict = NO_VERDICT

  constructor(
    plan: PrefilterPlan,
    name: string,
    column: (block: HttpBlock) => SliceColumn,
    bytes: BlockBytes,
    view: HttpView,
  ) {
    this.#column = column
    this.#matched = new MatchedRules(plan, 0, (unit) => unit.column === name)
    this.#scanner = new LiteralScanner(plan.literals.get(name) ?? [])
    this.#bytes = bytes
    this.#view = view
  }

  of(block: HttpBlock, index: number): Verdict {
    const { text, starts, ends } = this.#column(block)
    const start = starts[index]
    const end = ends[index]
    if (start === end) return NO_VERDICT
    const bytes = this.#bytes.of(text)
    if (end - start <= SHORT && isSame(bytes, start, end, this.#last)) return this.#lastVerdict
    const known = this.#known.get(this.#bytes.words, start, end)
    const verdict = known ?? this.#judge(block, index, text.slice(start, end), bytes, start, end)
    if (known === undefined) this.#known.set(this.#bytes.words, start, end, verdict)
    if (end - start <= SHORT) {
      this.#last = bytes.slice(start, end)
      this.#lastVerdict = verdict
    }
    return verdict
  }

  #judge(block: HttpBlock, index: number, value: string, bytes: Uint8Array, start: number, end: number): Verdict {
    const { hits } = this.#matched
    hits.clear()
    this.#scanner.scanBytes(bytes, start, end, hits)
    const decoded = normaliseHeader(value)
    if (decoded !== value) this.#scanner.scan(decoded, hits)
    const clauses = this.#matched.shared()
    if (!this.#matched.candidates) return clauses.length === 0 ? NO_VERDICT : { rules: [], clauses }
    this.#view.move(block, index)
    return { rules: [...this.#matched.evaluate(this.#view)], clauses }
  }
}

function isSame(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (other.length !== end - start) return false
  for (let i = 0; i < other.length; i++) if (other[i] !== bytes[start + i]) return false
  return true
}
