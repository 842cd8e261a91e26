import type { SecurityBlock } from '../../core/block.ts'
import type { CompiledSource } from './compile.ts'
import type { OnMatch } from './match-http.ts'
import { Hits, LiteralScanner } from './prefilter/literal-scanner.ts'
import { type PrefilterPlan, planPrefilter } from './prefilter/plan.ts'
import { Verdicts } from './prefilter/verdicts.ts'
import { SECURITY_FIELDS, SecurityView, securityText } from './views/security-view.ts'

/** Matches the rules of security events: the message is scanned, the verdicts of the other fields are remembered. */
export class SecurityMatcher {
  readonly source: CompiledSource
  readonly view = new SecurityView()
  readonly #plan: PrefilterPlan
  readonly #hits: Hits
  readonly #message: LiteralScanner
  readonly #cached: readonly { readonly field: number; readonly verdicts: Verdicts }[]
  readonly #matched: number[] = []

  constructor(source: CompiledSource) {
    this.source = source
    this.#plan = planPrefilter(source)
    this.#hits = new Hits(this.#plan.ruleCount)
    this.#message = new LiteralScanner(this.#plan.literals.get('message') ?? [])
    this.#cached = [...this.#plan.literals]
      .filter(([name]) => name !== 'message')
      .map(([name, literals]) => ({
        field: SECURITY_FIELDS.findIndex((field) => field.name === name),
        verdicts: new Verdicts(literals, this.#plan.ruleCount, (value) => value),
      }))
  }

  match(block: SecurityBlock, onMatch: OnMatch): void {
    const hits = this.#hits
    for (let i = 0; i < block.count; i++) {
      hits.clear()
      const message = block.message.at(i)
      this.#message.scan(message, 0, message.length, hits)
      for (const { field, verdicts } of this.#cached) {
        const text = securityText(block, field, i)
        if (text !== '') hits.addAll(verdicts.of(text), 0)
      }
      hits.addAll(this.#plan.always, 0)
      if (hits.count > 0) this.#evaluate(block, i, onMatch)
    }
  }

  #evaluate(block: SecurityBlock, index: number, onMatch: OnMatch): void {
    const { list, count } = this.#hits
    this.view.move(block, index)
    this.#matched.length = 0
    for (let c = 0; c < count; c++) if (this.source.rules[list[c]].matches(this.view)) this.#matched.push(list[c])
    if (this.#matched.length > 0)
      onMatch(
        index,
        this.#matched.sort((a, b) => a - b),
      )
  }
}
