import type { HttpBlock } from '../../core/block.ts'
import { MatchedRules } from './matched-rules.ts'
import type { BlockBytes } from './prefilter/block-bytes.ts'
import { ByteCache } from './prefilter/byte-cache.ts'
import { type Literal, LiteralScanner } from './prefilter/literal-scanner.ts'
import type { PrefilterPlan } from './prefilter/plan.ts'
import { NO_VERDICT, type Verdict } from './prefilter/verdict.ts'
import { HTTP_FIELDS, type HttpView } from './views/http-view.ts'

/** Texts in a target that ask for another view of it, because there the views differ. */
const TRIGGERS = {
  decode: ['%', '+', '\\', ';', '&#', '\u00c0', '\u00c1', '\u00e0', '\u00ef', '\u00a0', '\u0000'],
  sql: ['/*', '*/', '  ', '\n'],
  shell: ['$', '"', "'", '\\', '^', '`', '  '],
  file: ['\\', '//', '/.'],
} as const
type View = Exclude<keyof typeof TRIGGERS, 'decode'>
const VIEWS: readonly View[] = ['sql', 'shell', 'file']
const NUMBER_OF = Object.fromEntries(
  VIEWS.map((view) => [view, HTTP_FIELDS.findIndex(({ name }) => name === view)]),
) as Readonly<Record<View, number>>

/** Passes of the scanner: over the target as logged, and over its decoded views. */
const AS_LOGGED = 1
const DECODED = 2

const REMEMBERED = 16_384

/**
 * What the targets of requests say. A target is scanned for literals in place, which settles most; decoding and folding
 * happen where the bytes ask for it, and only then is a verdict worth remembering.
 */
export class TargetMatcher {
  readonly #plan: PrefilterPlan
  readonly #matched: MatchedRules
  readonly #scanner: LiteralScanner
  readonly #bytes: BlockBytes
  readonly #view: HttpView
  readonly #known = new ByteCache<Verdict>(REMEMBERED)

  constructor(plan: PrefilterPlan, bytes: BlockBytes, view: HttpView) {
    this.#plan = plan
    this.#bytes = bytes
    this.#view = view
    this.#matched = new MatchedRules(plan, 1 + VIEWS.length, ({ column }) => column === 'target')
    this.#scanner = new LiteralScanner(this.#literals())
  }

  of(block: HttpBlock, index: number): Verdict {
    const { text, starts, ends } = block.target
    const bytes = this.#bytes.of(text)
    const { hits } = this.#matched
    hits.clear()
    this.#scanner.scanBytes(bytes, starts[index], ends[index], hits, AS_LOGGED | DECODED)
    if (hits.count === 0) return NO_VERDICT
    const encoded = hits.has(this.#plan.clauseCount)
    if (!encoded && !this.#asksForViews() && !this.#matched.candidates) return this.#verdict([])
    const known = this.#known.get(this.#bytes.words, starts[index], ends[index])
    if (known !== undefined) return known
    this.#view.move(block, index)
    this.#scanViews(bytes, starts[index], ends[index], encoded)
    const verdict = this.#verdict(this.#matched.candidates ? this.#matched.evaluate(this.#view) : [])
    this.#known.set(this.#bytes.words, starts[index], ends[index], verdict)
    return verdict
  }

  #verdict(rules: readonly number[]): Verdict {
    const clauses = this.#matched.shared()
    return rules.length === 0 && clauses.length === 0 ? NO_VERDICT : { rules: [...rules], clauses }
  }

  #asksForViews(): boolean {
    return VIEWS.some((_, n) => this.#matched.hits.has(this.#plan.clauseCount + 1 + n))
  }

  /** Where the target is encoded, literals of the decoded views count only where they stand in these. */
  #scanViews(bytes: Uint8Array, start: number, end: number, encoded: boolean): void {
    const { hits } = this.#matched
    if (encoded) {
      hits.clear()
      this.#scanner.scanBytes(bytes, start, end, hits, AS_LOGGED)
      this.#scanner.scan(this.#view.decoded(), hits, DECODED)
    }
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
    return [...literals('target', AS_LOGGED), ...literals('decoded', DECODED), ...triggers]
  }
}
