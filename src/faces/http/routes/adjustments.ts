import { z } from 'zod'
import { applyAdjustments, revertAdjustment, tryAdjustments, type Wanted } from '../../../control/adjustments.ts'
import type { Backtest } from '../../../control/backtest.ts'
import { type Proposal, proposals } from '../../../control/proposals.ts'
import { AdjustmentSchema } from '../../../core/documents/adjustment.ts'
import { wilson } from '../../../core/wilson.ts'
import { type AdjustmentItem, listAdjustments } from '../../../queries/adjustments.ts'
import { precisions } from '../../../queries/verdicts.ts'
import { type Api, type ApiDeps, orderRefusals, refusals } from '../api.ts'
import { isoTime } from '../parameters.ts'
import { asked, Problem } from '../problem.ts'

const Verdicts = z.object({
  true_positive: z.number().int(),
  false_positive: z.number().int(),
  benign: z.number().int(),
})
const Counts = Verdicts.extend({ unjudged: z.number().int() })
const ByName = z.record(z.string(), z.number().int())

const ProposalSchema = z
  .object({
    id: z.string(),
    adjustment: AdjustmentSchema,
    findings: z.array(z.string()),
    reason: z.string(),
    expires: z.string().nullable(),
  })
  .meta({ id: 'Proposal' })

const AppliedSchema = z
  .object({
    id: z.number().int(),
    in_force: z.boolean(),
    adjustment: AdjustmentSchema,
    findings: z.array(z.string()),
    reason: z.string(),
    author: z.string(),
    created: z.string(),
    expires: z.string().nullable(),
    ended: z.string().nullable(),
    suppressed: z.number().int().describe('Findings that it suppressed'),
    weakened: z.number().int(),
  })
  .meta({ id: 'Adjustment' })

const BacktestSchema = z
  .object({
    findings: z.number().int().describe('Stored findings that it was tried on, the newest'),
    suppressed: Counts,
    weakened: Counts,
    by_rule: ByName,
    by_model: ByName,
    lost_hits: z.array(z.string()).describe('Findings judged true that would be lost'),
    examples: z.array(z.object({ id: z.string(), message: z.string() })),
  })
  .meta({ id: 'Backtest' })

const PrecisionSchema = z.object({
  detector: z.string(),
  rule: z.string().describe('Empty for a model'),
  title: z.string(),
  findings: z.number().int(),
  verdicts: Verdicts,
  precision: z.number().nullable().describe('Share of hits among the judged; null where none was judged'),
  interval: z.array(z.number()).length(2).nullable().describe('95 % interval of Wilson'),
})

const WantedBody = z
  .strictObject({
    proposals: z.array(z.string().min(1).max(200)).max(100).optional().describe('Ids of proposals'),
    adjustment: AdjustmentSchema.optional().describe('One of your own, in place of proposals'),
  })
  .refine(({ proposals, adjustment }) => (proposals === undefined) !== (adjustment === undefined), {
    message: 'name either proposals or an adjustment',
  })
const DAY = 86_400_000
const EXAMPLE = { adjustment: { kind: 'allow', client: '192.0.2.0/24' } as const }

/** Proposals of the verdicts, their trial on stored findings, and the adjustments in force. */
export function adjustmentRoutes(app: Api, { db, clock, config }: ApiDeps): void {
  const setting = () => ({ minScore: config.detection.min_score, now: clock.now() })

  app.get(
    '/verdicts/precision',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'How often each rule and each model was right, by the verdicts',
        response: { 200: z.object({ items: z.array(PrecisionSchema) }), ...refusals() },
      },
    },
    async () => ({
      items: precisions(db).map((one) => {
        const { true_positive: hits, false_positive: wrong, benign } = one.verdicts
        const judged = hits + wrong + benign
        const interval = judged === 0 ? null : ([...wilson(hits, judged)] as [number, number])
        return { ...one, verdicts: { ...one.verdicts }, precision: judged === 0 ? null : hits / judged, interval }
      }),
    }),
  )

  app.get(
    '/adjustments',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Adjustments, and what the verdicts propose beyond them',
        response: {
          200: z.object({ items: z.array(AppliedSchema), proposals: z.array(ProposalSchema) }),
          ...refusals(),
        },
      },
    },
    async () => ({
      items: listAdjustments(db, clock.now()).slice(0, 500).map(appliedJson),
      proposals: proposals(db, clock.now()).slice(0, 500).map(proposalJson),
    }),
  )

  app.post(
    '/adjustments/backtest',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Try adjustments on the stored findings; nothing changes',
        body: WantedBody.meta({ examples: [EXAMPLE] }),
        response: { 200: BacktestSchema, ...orderRefusals(404) },
      },
    },
    async (request) => asked(() => backtestJson(tryAdjustments(db, wantedOf(request.body), setting()))),
  )

  app.post(
    '/adjustments',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['findings'],
        summary: 'Put adjustments in force from the next batch on',
        body: WantedBody.safeExtend({
          reason: z.string().max(1000).optional(),
          days: z.number().min(1).max(3650).optional().describe('How long; an allowance holds 30 days by default'),
          anyway: z.boolean().default(false).describe('Apply even if findings judged true would be lost'),
        }).meta({ examples: [{ ...EXAMPLE, reason: 'our own scanner', days: 90 }] }),
        response: { 201: z.object({ ids: z.array(z.number().int()) }), ...orderRefusals(404, 409) },
      },
    },
    async (request, reply) => {
      const { reason, days, anyway } = request.body
      const forMs = days === undefined ? undefined : days * DAY
      const options = { ...setting(), author: request.caller, reason, forMs, anyway }
      const { applied, trial } = asked(() => applyAdjustments(db, wantedOf(request.body), options))
      if (trial.lostHits.length > 0 && !anyway) {
        throw new Problem(
          'CONFLICT',
          `${trial.lostHits.length} findings that were judged true would be lost, such as ${trial.lostHits[0]}. Narrow the adjustment, or set \`anyway\`.`,
        )
      }
      return reply.code(201).send({ ids: applied.map(({ id }) => id) })
    },
  )

  app.delete(
    '/adjustments/:id',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['findings'],
        summary: 'Revert an adjustment from the next batch on',
        params: z.object({ id: z.coerce.number().int().min(1).max(1_000_000_000) }),
        response: { 204: z.null(), ...orderRefusals(404) },
      },
    },
    async (request, reply) => {
      asked(() => revertAdjustment(db, request.params.id, clock.now()))
      return reply.code(204).send(null)
    },
  )
}

function wantedOf({ proposals, adjustment }: z.infer<typeof WantedBody>): Wanted {
  return adjustment ? { adjustment } : { proposals: proposals ?? [] }
}

function appliedJson(one: AdjustmentItem): z.infer<typeof AppliedSchema> {
  const { id, adjustment, findings, reason, author, suppressed, weakened } = one
  return {
    ...{ id, adjustment, reason, author, suppressed, weakened },
    in_force: one.inForce,
    findings: [...findings],
    created: isoTime(one.createdAt),
    expires: endOf(one),
    ended: one.endedAt === null ? null : isoTime(one.endedAt),
  }
}

function proposalJson(one: Proposal): z.infer<typeof ProposalSchema> {
  const { id, adjustment, findings, reason } = one
  return { id, adjustment, findings: [...findings], reason, expires: endOf(one) }
}

function endOf({ expiresAt }: { readonly expiresAt: number }): string | null {
  return Number.isFinite(expiresAt) ? isoTime(expiresAt) : null
}

function backtestJson(result: Backtest): z.infer<typeof BacktestSchema> {
  return {
    findings: result.findings,
    suppressed: { ...result.suppressed },
    weakened: { ...result.weakened },
    by_rule: { ...result.byRule },
    by_model: { ...result.byModel },
    lost_hits: [...result.lostHits],
    examples: result.examples.map(({ event, message }) => ({ id: event.id, message })),
  }
}
