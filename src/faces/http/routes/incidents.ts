import { z } from 'zod'
import { FindingSchema } from '../../../core/documents/finding.ts'
import { SEVERITIES } from '../../../core/documents/severity.ts'
import {
  findingsOfIncident,
  type IncidentItem,
  incidentById,
  listIncidents,
} from '../../../queries/findings/incidents.ts'
import { verdictsOf } from '../../../queries/verdicts.ts'
import { incidentMarkdown } from '../../report/markdown.ts'
import { type Api, type ApiDeps, refusals } from '../api.ts'
import { IdParams, isoTime, PageQuery, pageRequest, TimeSchema, timeOf } from '../parameters.ts'
import { Problem } from '../problem.ts'

export const IncidentSchema = z
  .object({
    id: z.string(),
    status: z.enum(['open', 'resolved']),
    severity: z.enum(SEVERITIES),
    who: z.string(),
    what: z.string(),
    first_seen: z.string(),
    last_seen: z.string(),
    findings: z.number().int(),
    strongest: z.string().describe('Id of its strongest finding'),
    score: z.number(),
    summary: z.string(),
    changed: z.string().describe('When it last changed'),
    verdict: z.string().nullable().describe('Verdict on its strongest finding'),
  })
  .meta({ id: 'Incident' })

export function incidentJson(incident: IncidentItem, verdict: string | null): z.infer<typeof IncidentSchema> {
  const { firstSeen, lastSeen, touchedAt, ...rest } = incident
  return { ...rest, first_seen: isoTime(firstSeen), last_seen: isoTime(lastSeen), changed: isoTime(touchedAt), verdict }
}

const IncidentQuery = PageQuery.extend({
  status: z.enum(['open', 'resolved']).optional(),
  severity: z.enum(SEVERITIES).optional().describe('This severity or a worse one'),
  since: TimeSchema.optional(),
  until: TimeSchema.optional(),
  who: z.string().min(1).max(256).optional(),
  batch: z.string().min(1).max(64).optional(),
})

/** Incidents, and one incident with its strongest findings. */
export function incidentRoutes(app: Api, { db, clock }: ApiDeps): void {
  app.get(
    '/incidents',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Findings grouped by who, what and when; the latest changed first',
        querystring: IncidentQuery,
        response: { 200: z.object({ items: z.array(IncidentSchema), next: z.string().nullable() }), ...refusals() },
      },
    },
    async (request) => {
      const { limit, cursor, since, until, ...rest } = request.query
      const now = clock.now()
      const times = { since: since && timeOf(since, now), until: until && timeOf(until, now) }
      const filter = { ...rest, since: times.since || undefined, until: times.until || undefined }
      const { items, next } = listIncidents(db, filter, pageRequest({ limit, cursor }))
      const verdicts = verdictsOf(
        db,
        items.map(({ strongest }) => strongest),
      )
      return {
        items: items.map((one) => incidentJson(one, verdicts.get(one.strongest)?.verdict ?? null)),
        next: next ?? null,
      }
    },
  )

  app.get(
    '/incidents/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'One incident, explained',
        params: IdParams,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20) }),
        response: {
          200: IncidentSchema.extend({
            strongest_findings: z.array(FindingSchema),
            explanation: z.string().describe('Markdown'),
          }),
          ...refusals(404),
        },
      },
    },
    async (request) => {
      const incident = incidentById(db, request.params.id)
      if (!incident) throw new Problem('NOT_FOUND', 'There is no incident of this id; GET /incidents lists them.')
      const findings = findingsOfIncident(db, incident.id, request.query.limit)
      const verdict = verdictsOf(db, [incident.strongest]).get(incident.strongest)?.verdict ?? null
      return {
        ...incidentJson(incident, verdict),
        strongest_findings: findings,
        explanation: incidentMarkdown(incident, findings.slice(0, 3)),
      }
    },
  )
}
