import type { HttpBlock } from '../../../core/columns/block.ts'
import { type ColumnResult, NO_RESULT } from '../prefilter/column-result.ts'
import { type Literal, LiteralScanner } from '../prefilter/literal-scanner.ts'
import type { PrefilterPlan } from '../prefilter/plan.ts'
import { MAX_JUDGED } from '../views/excerpt.ts'
import { HTTP_FIELDS, type HttpView } from '../views/http-view.ts'
import { MatchedRules } from './matched-rules.ts'

/** Texts in a target for which a view differs from the logged target. */
const TRIGGERS = {
  decode: [
    ...['%', '+', '\\', ';', '&#', '\u0000', '\u00a0'],
    ...['\u00c0', '\u00c1', '\u00e0', '\u00e2', '\u00ef', '\u00f0', '\u00f8', '\u00fc'],
  ],
  sql: ['/*', '*/', '  ', '\n'],
  shell: ['$', '"', "'", '\\', '^', '`', '  '],
  file: ['\\', '//', '/.', '0x2', '0x5'],
} as const
type View = Exclude<keyof typeof TRIGGERS, 'decode'>
const VIEWS: readonly View[] = ['sql', 'shell', 'file']
const NUMBER_OF = Object.fromEntries(
  VIEWS.map((view) => [view, HTTP_FIELDS.findIndex(({ name }) => name === view)]),
) as Readonly<Record<View, number>>

/** Passes of the scanner: over the logged target, and over its decoded views. */
const AS_LOGGED = 1
const DECODED = 2

/**
 * Matches rules against request targets. The logged target is scanned for literals first, which decides most requests;
 * it is decoded and folded only if its bytes require it.
 */
export class TargetMatcher {
  readonly #plan: PrefilterPlan
  readonly #matched: MatchedRules
  readonly #scanner: LiteralScanner
  readonly #view: HttpView

  constructor(plan: PrefilterPlan, view: HttpView) {
    this.#plan = plan
    this.#view = view
    this.#matched = new MatchedRules(plan, 1 + VIEWS.length, ({ column }) => column === 'target')
    this.#scanner = new LiteralScanner(this.#literals())
  }

  of(block: HttpBlock, index: number): ColumnResult {
    const { starts, ends } = block.target
    if (ends[index] - starts[index] > MAX_JUDGED) return this.#ofLong(block, index)
    const logged = block.target.latin1(index)
    const { hits } = this.#matched
    hits.clear()
    this.#scanner.scan(logged, hits, AS_LOGGED | DECODED, 'latin1')
    if (hits.count === 0) return NO_RESULT
    const encoded = hits.has(this.#plan.clauseCount)
    if (!encoded && !this.#asksForViews() && !this.#matched.candidates) return this.#result([])
    this.#view.move(block, index)
    if (encoded) {
      // Literals of decoded views count only in the decoded text.
      hits.clear()
      this.#scanner.scan(logged, hits, AS_LOGGED, 'latin1')
      this.#scanner.scan(this.#view.decoded(), hits, DECODED)
    }
    this.#scanViews()
    return this.#result(this.#matched.candidates ? this.#matched.evaluate(this.#view) : [])
  }

  #result(rules: readonly number[]): ColumnResult {
    const clauses = this.#matched.shared()
    return rules.length === 0 && clauses.length === 0 ? NO_RESULT : { rules: [...rules], clauses }
  }

  #asksForViews(): boolean {
    return VIEWS.some((_, n) => this.#matched.hits.has(this.#plan.clauseCount + 1 + n))
  }

  /** Matches a long target by its excerpt, through every view that its bytes require. */
  #ofLong(block: HttpBlock, index: number): ColumnResult {
    this.#view.move(block, index)
    const { hits } = this.#matched
    hits.clear()
    this.#scanner.scan(this.#view.target(), hits, AS_LOGGED)
    this.#scanner.scan(this.#view.decoded(), hits, DECODED)
    this.#scanViews()
    return this.#result(this.#matched.candidates ? this.#matched.evaluate(this.#view) : [])
  }

  #scanViews(): void {
    const { hits } = this.#matched
    for (const [n, view] of VIEWS.entries()) {
      if (!hits.has(this.#plan.clauseCount + 1 + n)) continue
      for (const value of this.#view.values(NUMBER_OF[view])) this.#scanner.scan(String(value), hits, DECODED)
    }
  }

  #literals(): Literal[] {
    const literals = (field: string, passes: number) =>
      (this.#plan.literals.get(field) ?? []).map((literal) => ({ ...literal, passes }))
    const triggers = (['decode', ...VIEWS] as const).flatMap((name, n) =>
      TRIGGERS[name].map((text): Literal => ({ text, id: this.#plan.clauseCount + n })),
    )
    // A plus that remains after decoding was encoded twice; a shell reads it as a space.
    const plus = { text: '+', id: this.#plan.clauseCount + 1 + VIEWS.indexOf('shell'), passes: DECODED }
    return [...literals('target', AS_LOGGED), ...literals('decoded', DECODED), ...triggers, plus]
  }
}
