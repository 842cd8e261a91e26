export const VERDICTS = ['true_positive', 'false_positive', 'benign'] as const
/** true_positive: an attack; false_positive: nothing odd; benign: odd, but known and allowed. */
export type Verdict = (typeof VERDICTS)[number]

/** What a person says about a finding. The latest verdict on a finding replaces the one before. */
export interface StoredVerdict {
  /** Id of the finding. */
  readonly finding: string
  readonly verdict: Verdict
  readonly reason: string
  readonly author: string
  /** Ms since the epoch. */
  readonly at: number
}
