import { type SecurityBlock, SliceColumn } from '../../../core/columns/block.ts'
import type { CompiledSource } from '../loading/compile.ts'
import { LiteralScanner } from '../prefilter/literal-scanner.ts'
import { planPrefilter } from '../prefilter/plan.ts'
import { SECURITY_FIELDS, SecurityView, securityColumn } from '../views/security-view.ts'
import { FieldClauses } from './field-clauses.ts'
import type { OnMatch } from './match-http.ts'
import { MatchedRules } from './matched-rules.ts'

/** Matches rules against security events: messages are scanned, results for other fields are cached. */
export class SecurityMatcher {
  readonly source: CompiledSource
  readonly view: SecurityView
  readonly #matched: MatchedRules
  readonly #message: LiteralScanner
  readonly #cached: readonly { readonly field: number; readonly results: FieldClauses }[]

  constructor(source: CompiledSource, view = new SecurityView()) {
    this.source = source
    this.view = view
    const plan = planPrefilter(source)
    this.#matched = new MatchedRules(plan, 0, () => true)
    this.#message = new LiteralScanner(plan.literals.get('message') ?? [])
    this.#cached = [...plan.literals]
      .filter(([name]) => name !== 'message')
      .map(([name, literals]) => ({
        field: SECURITY_FIELDS.findIndex((field) => field.name === name),
        results: new FieldClauses(literals, plan.clauseCount),
      }))
  }

  match(block: SecurityBlock, onMatch: OnMatch): void {
    const { hits } = this.#matched
    const scan = this.#scannerOf(block)
    for (const { field, results } of this.#cached) results.follow(securityColumn(block, field))
    for (let i = 0; i < block.count; i++) {
      hits.clear()
      scan(i)
      for (const { results } of this.#cached) hits.addAll(results.of(i))
      if (!this.#matched.candidates) continue
      this.view.move(block, i)
      const rules = this.#matched.evaluate(this.view)
      if (rules.length > 0) onMatch(i, rules)
    }
  }

  /** Scans messages in place. Literals are ASCII, so other bytes need no decoding. */
  #scannerOf({ message }: SecurityBlock): (index: number) => void {
    const { hits } = this.#matched
    if (!(message instanceof SliceColumn)) return (i) => this.#message.scan(message.at(i), hits)
    const { starts, ends } = message
    const { bytes } = message.source
    return (i) => this.#message.scanBytes(bytes, starts[i], ends[i], hits)
  }
}
