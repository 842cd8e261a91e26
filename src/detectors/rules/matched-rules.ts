import { Hits } from './prefilter/hits.ts'
import type { PrefilterPlan, Unit } from './prefilter/plan.ts'
import type { EventView } from './views/view.ts'

/** Evaluates the units whose clauses an event fulfils. Kept between events, so that nothing is allocated for most. */
export class MatchedRules {
  readonly hits: Hits
  readonly #plan: PrefilterPlan
  readonly #matched: number[] = []

  /** `extra` ids beyond the clauses are the caller's own. */
  constructor(plan: PrefilterPlan, extra: number) {
    this.#plan = plan
    this.hits = new Hits(plan.clauseCount + extra)
  }

  /** Whether any unit must be evaluated; spares moving the view for the others. */
  get candidates(): boolean {
    if (this.#plan.always.length > 0) return true
    const { list, count } = this.hits
    for (let i = 0; i < count; i++) if (this.#ready(list[i])) return true
    return false
  }

  /** Numbers of the rules that match the event that the view stands on, in order; used again at the next call. */
  evaluate(view: EventView): readonly number[] {
    this.#matched.length = 0
    const { list, count } = this.hits
    for (const unit of this.#plan.always) this.#try(unit, view)
    for (let i = 0; i < count; i++) if (this.#ready(list[i])) this.#try(this.#plan.unitOf[list[i]], view)
    return this.#matched.sort((a, b) => a - b)
  }

  /** Whether `clause` is the first of its unit and all the unit's clauses are fulfilled. */
  #ready(clause: number): boolean {
    if (this.#plan.primary[clause] !== 1) return false
    const { clauses } = this.#plan.unitOf[clause]
    for (let i = 1; i < clauses.length; i++) if (!this.hits.has(clauses[i])) return false
    return true
  }

  #try(unit: Unit, view: EventView): void {
    if (!this.#matched.includes(unit.rule) && unit.matches(view)) this.#matched.push(unit.rule)
  }
}
