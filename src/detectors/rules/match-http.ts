import type { HttpBlock, SliceColumn } from '../../core/block.ts'
import type { CompiledSource } from './compile.ts'
import { MatchedRules } from './matched-rules.ts'
import { type Literal, LiteralScanner } from './prefilter/literal-scanner.ts'
import { type PrefilterPlan, planPrefilter } from './prefilter/plan.ts'
import { Verdicts } from './prefilter/verdicts.ts'
import { HTTP_FIELDS, HttpView, normaliseHeader } from './views/http-view.ts'

/** Called for each event that some rule matched, with the numbers of those rules; `rules` is used again afterwards. */
export type OnMatch = (index: number, rules: readonly number[]) => void

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

/**
 * Matches the rules of web servers against blocks of requests. The target is scanned for literals in place; decoding
 * and folding happen where the bytes ask for it; a rule is evaluated only where its literals were seen.
 */
export class HttpMatcher {
  readonly source: CompiledSource
  readonly view = new HttpView()
  readonly #plan: PrefilterPlan
  readonly #target: LiteralScanner
  readonly #matched: MatchedRules
  readonly #status: readonly (Int32Array | undefined)[] | undefined
  readonly #cached: readonly { readonly verdicts: Verdicts; readonly column: (block: HttpBlock) => SliceColumn }[]

  constructor(source: CompiledSource) {
    this.source = source
    this.#plan = planPrefilter(source)
    this.#matched = new MatchedRules(this.#plan, 1 + VIEWS.length)
    this.#target = new LiteralScanner(this.#targetLiterals())
    this.#status = this.#plan.numbers.get('status')
    this.#cached = this.#cachedFields()
  }

  match(block: HttpBlock, onMatch: OnMatch): void {
    const { text, starts, ends } = block.target
    const { hits } = this.#matched
    for (let i = 0; i < block.count; i++) {
      hits.clear()
      this.#target.scan(text, starts[i], ends[i], hits, AS_LOGGED | DECODED)
      const encoded = hits.has(this.#plan.clauseCount)
      const moved = encoded || this.#asksForViews()
      if (moved) this.#scanViews(block, i, encoded)
      for (const { verdicts, column } of this.#cached) {
        const { text: columnText, starts: from, ends: to } = column(block)
        if (to[i] > from[i]) hits.addAll(verdicts.of(columnText.slice(from[i], to[i])))
      }
      const byStatus = this.#status?.[block.status[i]]
      if (byStatus !== undefined) hits.addAll(byStatus)
      if (!this.#matched.candidates) continue
      if (!moved) this.view.move(block, i)
      const rules = this.#matched.evaluate(this.view)
      if (rules.length > 0) onMatch(i, rules)
    }
  }

  #asksForViews(): boolean {
    const { hits } = this.#matched
    if (hits.count === 0) return false
    return VIEWS.some((_, n) => hits.has(this.#plan.clauseCount + 1 + n))
  }

  /** Where the target is encoded, literals of the decoded views count only where they stand in these. */
  #scanViews(block: HttpBlock, index: number, encoded: boolean): void {
    const { hits } = this.#matched
    this.view.move(block, index)
    if (encoded) {
      const { text, starts, ends } = block.target
      hits.clear()
      this.#target.scan(text, starts[index], ends[index], hits, AS_LOGGED)
      const decoded = this.view.decoded()
      this.#target.scan(decoded, 0, decoded.length, hits, DECODED)
    }
    for (const [n, view] of VIEWS.entries()) {
      if (!hits.has(this.#plan.clauseCount + 1 + n)) continue
      for (const value of this.view.values(NUMBER_OF[view])) {
        const text = String(value)
        this.#target.scan(text, 0, text.length, hits, DECODED)
      }
    }
  }

  #targetLiterals(): Literal[] {
    const literals = (field: string, passes: number) =>
      (this.#plan.literals.get(field) ?? []).map((literal) => ({ ...literal, passes }))
    const triggers = (['decode', ...VIEWS] as const).flatMap((name, n) =>
      TRIGGERS[name].map((text): Literal => ({ text, id: this.#plan.clauseCount + n })),
    )
    return [...literals('target', AS_LOGGED), ...literals('decoded', DECODED), ...triggers]
  }

  #cachedFields() {
    const columns: Readonly<Record<string, (block: HttpBlock) => SliceColumn>> = {
      user_agent: (block) => block.userAgent,
      referer: (block) => block.referer,
      method: (block) => block.method,
      protocol: (block) => block.protocol,
      user: (block) => block.user,
      vhost: (block) => block.vhost,
    }
    return [...this.#plan.literals]
      .filter(([field]) => Object.hasOwn(columns, field))
      .map(([field, literals]) => ({
        verdicts: new Verdicts(literals, this.#plan.clauseCount, normaliseHeader),
        column: columns[field],
      }))
  }
}
