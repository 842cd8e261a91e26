import { z } from 'zod'

/**
 * A change to what becomes a finding that a person has made after looking at findings. An allowance excuses what some
 * rules or models say of some events; a threshold is the score from which a model counts. Neither touches the rules or
 * the models themselves, so each can be tried on findings of the past and taken back.
 */
export const Allowance = z
  .strictObject({
    kind: z.literal('allow'),
    rules: z.array(z.string().min(1)).min(1).optional().describe('Ids of the rules that are excused'),
    models: z
      .array(z.enum(['isolation_forest', 'transformer']))
      .min(1)
      .optional()
      .describe('Models that are excused; where neither rules nor models are named, all are'),
    client: z.string().min(1).max(256).optional().describe('Address or network of the client, such as 10.0.0.0/8'),
    user: z.string().min(1).max(256).optional().describe('Name of the user'),
    target: z.string().min(1).max(2048).optional().describe('The request target begins with this'),
  })
  .refine(
    ({ rules, client, user, target }) => [rules, client, user, target].some((condition) => condition !== undefined),
    'an allowance needs rules, a client, a user or a target: without them it would silence everything',
  )

export const Threshold = z.strictObject({
  kind: z.literal('threshold'),
  model: z.enum(['isolation_forest', 'transformer']),
  min_score: z.number().min(0).max(1).describe('What the model says below this score does not count'),
})

export const AdjustmentSchema = z.union([Allowance, Threshold])

export type Allowance = z.infer<typeof Allowance>
export type Threshold = z.infer<typeof Threshold>
export type Adjustment = z.infer<typeof AdjustmentSchema>

/** One that was applied: who said so, why, and from when until when. Times in ms since the epoch. */
export interface AppliedAdjustment {
  readonly id: number
  readonly adjustment: Adjustment
  /** Ids of the findings whose verdicts led to it. */
  readonly findings: readonly string[]
  readonly reason: string
  readonly author: string
  readonly createdAt: number
  /** Events of this log time and later are judged as before; Infinity where it does not expire. */
  readonly expiresAt: number
  /** When a person took it back. */
  readonly endedAt: number | null
  /** Findings that it has kept from being made, and those that it made weaker. */
  readonly suppressed: number
  readonly weakened: number
}
