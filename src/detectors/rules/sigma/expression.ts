/** The logic of a rule without Sigma's notation: a tree of tests of single field values. */

export type FieldValue = string | number | boolean | null | undefined

/** A test of a scalar value, with facts for the prefilter. */
export interface ValueTest {
  /** Never called with undefined or null unless `absent` is set. */
  readonly test: (value: string | number | boolean) => boolean
  /**
   * Sets of lower-case ASCII literals: every matching value contains, ignoring case, at least one literal of each set.
   */
  readonly literals: readonly (readonly string[])[]
  /** The result for a missing or null field. */
  readonly absent: boolean
  /** The value, if the test is for one exact text. */
  readonly exact?: string
  /** Text for explanations. */
  readonly label: string
}

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  /** True if any value of the field passes. `natives` limits the test to these native fields. */
  | { readonly kind: 'field'; readonly field: string; readonly test: ValueTest; readonly natives?: readonly number[] }
  /** Compares with another field of the same event. */
  | { readonly kind: 'reference'; readonly field: string; readonly other: string; readonly compare: Comparison }
  | { readonly kind: 'exists'; readonly field: string; readonly wanted: boolean }
  /** True if any text of the event passes: Sigma's keywords. */
  | { readonly kind: 'keyword'; readonly test: ValueTest }

export type Comparison = (value: string, other: string) => boolean

export function allOf(of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0] : { kind: 'and', of }
}

export function anyOf(of: readonly Expression[]): Expression {
  return of.length === 1 ? of[0] : { kind: 'or', of }
}
