import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { type BatchItem, batchById, listBatches } from '../../../queries/batches.ts'
import { learningOfReport } from '../../../queries/learning.ts'
import { reportMarkdown } from '../../report/markdown.ts'
import { batchReport, periodReport } from '../../report/model.ts'
import { reportHtml } from '../../report/page.ts'
import { type Api, type ApiDeps, answerOf, refusals } from '../api.ts'
import { IdParams, isoTime, PageQuery, pageRequest, TimeSchema, timeOf } from '../parameters.ts'
import { Problem } from '../problem.ts'

const Counts = z.record(z.string(), z.number().int())
const BatchSchema = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    started: z.string(),
    finished: z.string().nullable(),
    lines: z.number().int(),
    bytes: z.number(),
    parsed: z.number().int(),
    rejected: z.number().int(),
    skipped: z.number().int(),
    truncated: z.number().int(),
    findings: z.object({ total: z.number().int(), by_severity: Counts, by_detector: Counts, by_attack_type: Counts }),
    files: z.array(z.looseObject({ path: z.string(), format: z.string(), lines: z.number().int() })),
    problems: z.array(z.object({ path: z.string(), kind: z.string(), detail: z.string() })),
  })
  .meta({ id: 'Batch' })

function batchJson({ id, status, startedAt, finishedAt, totals }: BatchItem): z.infer<typeof BatchSchema> {
  const { rejects_bytes: _, traffic: __, files, problems, ...counts } = totals
  return {
    id,
    status,
    started: isoTime(startedAt),
    finished: finishedAt === null ? null : isoTime(finishedAt),
    ...counts,
    files: files.map((file) => ({ ...file })),
    problems: [...problems],
  }
}

const REPORT = answerOf('The report', 'text/html', 'text/markdown', 'application/json')

const FormatQuery = z.object({ format: z.enum(['html', 'md', 'json']).default('html') })

/** Batches, and reports of a batch or a period. */
export function batchRoutes(app: Api, deps: ApiDeps): void {
  const { db, clock, config } = deps
  const learning = () => learningOfReport(db, config)

  app.get(
    '/batches',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'Batches, newest first',
        querystring: PageQuery,
        response: { 200: z.object({ items: z.array(BatchSchema), next: z.string().nullable() }), ...refusals() },
      },
    },
    async (request) => {
      const { items, next } = listBatches(db, pageRequest(request.query))
      return { items: items.map(batchJson), next: next ?? null }
    },
  )

  app.get(
    '/batches/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'One batch',
        params: IdParams,
        response: { 200: BatchSchema, ...refusals(404) },
      },
    },
    async (request) => batchJson(known(request.params.id)),
  )

  app.get(
    '/batches/:id/report',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Report of a batch: HTML, Markdown or JSON',
        params: IdParams,
        querystring: FormatQuery,
        response: { 200: REPORT, ...refusals(404) },
      },
    },
    async (request, reply) => {
      const { id } = known(request.params.id)
      return send(reply, request.query.format, batchReport(db, id, { now: clock.now(), learning: learning() }))
    },
  )

  app.get(
    '/report',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Report of a period of log time: HTML, Markdown or JSON',
        querystring: FormatQuery.extend({ since: TimeSchema.default('24h'), until: TimeSchema.optional() }),
        response: { 200: REPORT, ...refusals() },
      },
    },
    async (request, reply) => {
      const now = clock.now()
      const since = timeOf(request.query.since, now)
      const until = request.query.until === undefined ? now : timeOf(request.query.until, now)
      if (until <= since) throw new Problem('INVALID_REQUEST', '`until` must come after `since`.')
      return send(reply, request.query.format, periodReport(db, since, until, { now, learning: learning() }))
    },
  )

  function known(id: string): BatchItem {
    const batch = batchById(db, id)
    if (!batch) throw new Problem('NOT_FOUND', 'There is no batch of this id; GET /batches lists them.')
    return batch
  }
}

type Report = ReturnType<typeof batchReport>

function send(reply: FastifyReply, format: 'html' | 'md' | 'json', report: Report) {
  if (format === 'json') return reply.type('application/json').send(JSON.stringify(report))
  if (format === 'md') return reply.type('text/markdown; charset=utf-8').send(reportMarkdown(report))
  // The report has its own, stricter policy with hashes of its scripts. Browsers would apply both, so only one is sent.
  return reply
    .header('content-security-policy', "frame-ancestors 'self'")
    .type('text/html; charset=utf-8')
    .send(reportHtml(report))
}
