import { Hits } from './prefilter/hits.ts'
import { type PrefilterPlan, ready, type Unit } from './prefilter/plan.ts'
import type { EventView } from './views/view.ts'

/** Evaluates the units whose clauses an event fulfils. Kept between events, so that nothing is allocated for most. */
export class MatchedRules {
  readonly hits: Hits
  readonly #plan: PrefilterPlan
  readonly #has: (clause: number) => boolean
  readonly #matched: number[] = []

  /** `extra` ids beyond the clauses are the caller's own. */
  constructor(plan: PrefilterPlan, extra: number) {
    this.#plan = plan
    this.hits = new Hits(plan.clauseCount + extra)
    this.#has = (clause) => this.hits.has(clause)
  }

  /** Whether any unit must be evaluated; spares moving the view for the others. */
  get candidates(): boolean {
    if (this.#plan.always.length > 0) return true
    const { list, count } = this.hits
    for (let i = 0; i < count; i++) {
      const unit = this.#plan.unitOf[list[i]]
      if (unit !== undefined && ready(unit, list[i], this.#has)) return true
    }
    return false
  }

  /** Numbers of the rules that match the event that the view stands on, in order; used again at the next call. */
  evaluate(view: EventView): readonly number[] {
    this.#matched.length = 0
    const { list, count } = this.hits
    for (const unit of this.#plan.always) this.#try(unit, view)
    for (let i = 0; i < count; i++) {
      const unit = this.#plan.unitOf[list[i]]
      if (unit !== undefined && ready(unit, list[i], this.#has)) this.#try(unit, view)
    }
    return this.#matched.sort((a, b) => a - b)
  }

  #try(unit: Unit, view: EventView): void {
    if (!this.#matched.includes(unit.rule) && unit.matches(view)) this.#matched.push(unit.rule)
  }
}
