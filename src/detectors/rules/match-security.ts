import type { SecurityBlock } from '../../core/block.ts'
import type { CompiledSource } from './compile.ts'
import type { OnMatch } from './match-http.ts'
import { MatchedRules } from './matched-rules.ts'
import { LiteralScanner } from './prefilter/literal-scanner.ts'
import { planPrefilter } from './prefilter/plan.ts'
import { Verdicts } from './prefilter/verdicts.ts'
import { SECURITY_FIELDS, SecurityView, securityText } from './views/security-view.ts'

/** Matches the rules of security events: the message is scanned, the verdicts of the other fields are remembered. */
export class SecurityMatcher {
  readonly source: CompiledSource
  readonly view: SecurityView
  readonly #matched: MatchedRules
  readonly #message: LiteralScanner
  readonly #cached: readonly { readonly field: number; readonly verdicts: Verdicts }[]

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
        verdicts: new Verdicts(literals, plan.clauseCount, (value) => value),
      }))
  }

  match(block: SecurityBlock, onMatch: OnMatch): void {
    const { hits } = this.#matched
    for (let i = 0; i < block.count; i++) {
      hits.clear()
      const message = block.message.at(i)
      this.#message.scan(message, hits)
      for (const { field, verdicts } of this.#cached) {
        const text = securityText(block, field, i)
        if (text !== '') hits.addAll(verdicts.of(text))
      }
      if (!this.#matched.candidates) continue
      this.view.move(block, i)
      const rules = this.#matched.evaluate(this.view)
      if (rules.length > 0) onMatch(i, rules)
    }
  }
}
