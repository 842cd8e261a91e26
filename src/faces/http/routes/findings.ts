import { z } from 'zod'
import { markFinding, unmarkFinding } from '../../../control/verdicts.ts'
import { FindingSchema } from '../../../core/documents/finding.ts'
import { type StoredVerdict, VERDICTS } from '../../../core/documents/verdict.ts'
import { findingById, listFindings, type RecordedFinding } from '../../../queries/findings/findings.ts'
import { verdictsOf } from '../../../queries/verdicts.ts'
import { findingMarkdown } from '../../report/markdown.ts'
import { type Api, type ApiDeps, orderRefusals, refusals } from '../api.ts'
import { FindingQuery, filterOf, IdParams, isoTime, PageQuery, pageRequest } from '../parameters.ts'
import { asked, Problem } from '../problem.ts'

const VerdictSchema = z.object({
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  author: z.string(),
  at: z.string(),
})

export const FindingItemSchema = z
  .object({ batch: z.string(), verdict: VerdictSchema.nullable(), finding: FindingSchema })
  .meta({ id: 'FindingItem' })

const VerdictBody = z
  .strictObject({ verdict: z.enum(VERDICTS), reason: z.string().max(1000).default('') })
  .meta({ examples: [{ verdict: 'false_positive', reason: 'our own scanner' }] })

/** Findings, their explanations, and the verdicts on them. */
export function findingRoutes(app: Api, { db, clock }: ApiDeps): void {
  app.get(
    '/findings',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'What the batches found, newest first',
        querystring: FindingQuery.extend(PageQuery.shape),
        response: { 200: z.object({ items: z.array(FindingItemSchema), next: z.string().nullable() }), ...refusals() },
      },
    },
    async (request) => {
      const { limit, cursor, ...query } = request.query
      const { items, next } = listFindings(db, filterOf(query, clock.now()), pageRequest({ limit, cursor }))
      return { items: withVerdicts(items), next: next ?? null }
    },
  )

  app.get(
    '/findings/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'One finding with its explanation',
        params: IdParams,
        response: { 200: FindingItemSchema.extend({ explanation: z.string().describe('Markdown') }), ...refusals(404) },
      },
    },
    async (request) => {
      const item = found(request.params.id)
      return { ...withVerdicts([item])[0], explanation: findingMarkdown(item.finding) }
    },
  )

  app.put(
    '/findings/:id/verdict',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['findings'],
        summary: 'Say what a finding is: an attack, nothing odd, or odd but known',
        params: IdParams,
        body: VerdictBody,
        response: { 200: VerdictSchema, ...orderRefusals(404) },
      },
    },
    async (request) => {
      const verdict = { ...request.body, finding: request.params.id, author: request.caller, at: clock.now() }
      asked(() => markFinding(db, verdict))
      return shown(verdict)
    },
  )

  app.delete(
    '/findings/:id/verdict',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['findings'],
        summary: 'Remove a verdict and end the adjustments that come from it alone',
        params: IdParams,
        response: { 204: z.null(), ...orderRefusals(404) },
      },
    },
    async (request, reply) => {
      asked(() => unmarkFinding(db, request.params.id, clock.now()))
      return reply.code(204).send(null)
    },
  )

  function found(id: string): RecordedFinding {
    const item = findingById(db, id)
    if (!item) throw new Problem('NOT_FOUND', 'There is no finding of this id; GET /findings lists them.')
    return item
  }

  function withVerdicts(items: readonly RecordedFinding[]) {
    const verdicts = verdictsOf(
      db,
      items.map(({ finding }) => finding.event.id),
    )
    return items.map(({ batch, finding }) => {
      const verdict = verdicts.get(finding.event.id)
      return { batch, verdict: verdict ? shown(verdict) : null, finding }
    })
  }
}

function shown({ verdict, reason, author, at }: StoredVerdict) {
  return { verdict, reason, author, at: isoTime(at) }
}
