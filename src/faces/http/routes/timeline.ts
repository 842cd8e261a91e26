import { z } from 'zod'
import { SEVERITIES } from '../../../core/documents/severity.ts'
import { findingTotals } from '../../../queries/findings/findings.ts'
import { timeline } from '../../../queries/findings/timeline.ts'
import { topEntries } from '../../../queries/findings/top.ts'
import { type Api, type ApiDeps, refusals } from '../api.ts'
import { FindingQuery, filterOf, TimeSchema } from '../parameters.ts'
import { Problem } from '../problem.ts'

const PerSeverity = <T extends z.ZodType>(schema: T) => z.record(z.enum(SEVERITIES), schema)
const Counts = z.record(z.string(), z.number().int())
const Top = z.array(
  z.object({
    name: z.string(),
    findings: z.number().int(),
    severity: z.enum(SEVERITIES),
    score: z.number(),
    lastSeen: z.number(),
    attackTypes: z.array(z.string()),
  }),
)

const SpanQuery = FindingQuery.extend({
  since: TimeSchema.default('24h'),
  slots: z.coerce.number().int().min(1).max(500).default(96),
})

/** Traffic and findings over time, and who and what they are about. */
export function timelineRoutes(app: Api, { db, clock }: ApiDeps): void {
  app.get(
    '/timeline',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Events and findings over log time',
        querystring: SpanQuery,
        response: {
          200: z.object({
            start: z.number().describe('Ms since the epoch'),
            width: z.number().describe('Width of a slot, ms'),
            events: z.array(z.number()),
            findings: PerSeverity(z.array(z.number())),
            score: z.array(z.number()).describe('Highest score of each slot'),
          }),
          ...refusals(),
        },
      },
    },
    async (request) => {
      const { slots, ...query } = request.query
      const now = clock.now()
      const filter = filterOf(query, now)
      const since = filter.since ?? now
      const until = filter.until ?? now
      if (until <= since) throw new Problem('INVALID_REQUEST', '`until` must come after `since`.')
      return timeline(db, { ...filter, since, until }, slots)
    },
  )

  app.get(
    '/top',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Counts by severity, detector and attack type; the worst addresses, users and paths',
        querystring: FindingQuery.extend({ limit: z.coerce.number().int().min(1).max(50).default(10) }),
        response: {
          200: z.object({
            total: z.number().int(),
            bySeverity: PerSeverity(z.number().int()),
            byDetector: Counts,
            byAttackType: Counts,
            addresses: Top,
            users: Top,
            paths: Top,
          }),
          ...refusals(),
        },
      },
    },
    async (request) => {
      const { limit, ...query } = request.query
      const filter = filterOf(query, clock.now())
      return {
        ...findingTotals(db, filter),
        addresses: topEntries(db, 'address', filter, limit),
        users: topEntries(db, 'user', filter, limit),
        paths: topEntries(db, 'path', filter, limit),
      }
    },
  )
}
