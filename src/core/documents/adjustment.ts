import { z } from 'zod'

/**
 * A change that a person makes after reviewing findings. An allowance ignores the results of some rules or models for
 * some events; a threshold is the lowest score at which a model counts. Neither changes the rules or models themselves,
 * so each can be tried on past findings and reverted.
 */
export const Allowance = z
  .strictObject({
    kind: z.literal('allow'),
    rules: z.array(z.string().min(1)).min(1).optional().describe('Ids of the rules to ignore'),
    models: z
      .array(z.enum(['isolation_forest', 'transformer']))
      .min(1)
      .optional()
      .describe('Models to ignore; if neither rules nor models are named, all are ignored'),
    client: z.string().min(1).max(256).optional().describe('Address or network of the client, such as 10.0.0.0/8'),
    user: z.string().min(1).max(256).optional().describe('Name of the user'),
    target: z.string().min(1).max(2048).optional().describe('Prefix of the request target'),
  })
  .refine(
    ({ rules, client, user, target }) => [rules, client, user, target].some((condition) => condition !== undefined),
    'an allowance without rules, client, user or target would suppress every finding; give at least one of them',
  )

export const Threshold = z.strictObject({
  kind: z.literal('threshold'),
  model: z.enum(['isolation_forest', 'transformer']),
  min_score: z.number().min(0).max(1).describe('Scores of the model below this are ignored'),
})

export const AdjustmentSchema = z.union([Allowance, Threshold])

export type Allowance = z.infer<typeof Allowance>
export type Threshold = z.infer<typeof Threshold>
export type Adjustment = z.infer<typeof AdjustmentSchema>

/** An adjustment with its author, reason and validity. Times in ms since the epoch. */
export interface AppliedAdjustment {
  readonly id: number
  readonly adjustment: Adjustment
  /** Ids of the findings that were the reason for it. */
  readonly findings: readonly string[]
  readonly reason: string
  readonly author: string
  readonly createdAt: number
  /** Log time from which it no longer applies; Infinity if it does not expire. */
  readonly expiresAt: number
  /** When a person reverted it; null while it applies. */
  readonly endedAt: number | null
  /** Findings that it suppressed, and findings whose severity it lowered. */
  readonly suppressed: number
  readonly weakened: number
}
