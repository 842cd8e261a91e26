/** The result of matching one column's value. */
export interface ColumnResult {
  /** Numbers of the rules that this column alone decides. */
  readonly rules: readonly number[]
  /** Satisfied clauses of units that also need other columns. */
  readonly clauses: Int32Array
}

export const NO_RESULT: ColumnResult = { rules: [], clauses: new Int32Array(0) }
