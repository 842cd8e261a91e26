/** What one column's value says about an event. */
export interface Verdict {
  /** Rules that match by this column alone. */
  readonly rules: readonly number[]
  /** Clauses that it fulfils of units which other columns decide with it. */
  readonly clauses: Int32Array
}

export const NO_VERDICT: Verdict = { rules: [], clauses: new Int32Array(0) }
