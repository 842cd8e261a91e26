import { Hits } from '../prefilter/hits.ts'
import type { PrefilterPlan, Unit } from '../prefilter/plan.ts'
import type { EventView } from '../views/view.ts'

const NO_CLAUSES = new Int32Array(0)

/** Evaluates the units whose clauses are all satisfied. It is reused, so most events need no allocation. */
export class MatchedRules {
  readonly hits: Hits
  readonly #plan: PrefilterPlan
  /** Per clause: 1 if it is the first clause of a unit that is decided here. */
  readonly #primary: Uint8Array
  /** Per clause: 1 if its unit needs several columns. */
  readonly #shared: Uint8Array
  readonly #always: readonly Unit[]
  readonly #matched: number[] = []

  /**
   * `decides` selects the units that are decided here; clauses of others are passed on. `extra` is the number of ids
   * beyond the clauses, for use by the caller.
   */
  constructor(plan: PrefilterPlan, extra: number, decides: (unit: Unit) => boolean) {
    this.#plan = plan
    this.hits = new Hits(plan.clauseCount + extra)
    this.#primary = Uint8Array.from(plan.unitOf, (unit, id) => (unit.clauses[0] === id && decides(unit) ? 1 : 0))
    this.#shared = new Uint8Array(plan.clauseCount + extra)
    for (const [id, { column }] of plan.unitOf.entries()) if (column === undefined) this.#shared[id] = 1
    this.#always = plan.always.filter(decides)
  }

  /** True if some units must be evaluated for every event. */
  get unconditional(): boolean {
    return this.#always.length > 0
  }

  /** True if any unit must be evaluated. If not, the view need not move. */
  get candidates(): boolean {
    if (this.#always.length > 0) return true
    const { list, count } = this.hits
    for (let i = 0; i < count; i++) if (this.#ready(list[i])) return true
    return false
  }

  /** Numbers of the rules that match the view's event; the array is reused by the next call. */
  evaluate(view: EventView): readonly number[] {
    this.#matched.length = 0
    const { list, count } = this.hits
    for (const unit of this.#always) this.#try(unit, view)
    for (let i = 0; i < count; i++) if (this.#ready(list[i])) this.#try(this.#plan.unitOf[list[i]], view)
    return this.#matched
  }

  /** The satisfied clauses of units that need several columns. */
  shared(): Int32Array {
    const { list, count } = this.hits
    let found = 0
    for (let i = 0; i < count; i++) found += this.#shared[list[i]]
    return found === 0 ? NO_CLAUSES : list.subarray(0, count).filter((id) => this.#shared[id] === 1)
  }

  /** True if `clause` is the first clause of a unit that is decided here, and all its clauses are satisfied. */
  #ready(clause: number): boolean {
    if (this.#primary[clause] !== 1) return false
    const { clauses } = this.#plan.unitOf[clause]
    for (let i = 1; i < clauses.length; i++) if (!this.hits.has(clauses[i])) return false
    return true
  }

  #try(unit: Unit, view: EventView): void {
    if (!this.#matched.includes(unit.rule) && unit.matches(view)) this.#matched.push(unit.rule)
  }
}
