import { z } from 'zod'
import { requestBatch } from '../../../control/batches.ts'
import { fileLags } from '../../../queries/lag.ts'
import { sinkStatus } from '../../../queries/sinks.ts'
import { verdictsByRule } from '../../../queries/verdicts.ts'
import { AnalysisSchema, analysisJson } from '../../analysis-json.ts'
import { limitedAnalysis } from '../../limited-analysis.ts'
import { type Api, type ApiDeps, orderRefusals, refusals } from '../api.ts'
import { callerSignals } from '../caller-signal.ts'
import { isoTime } from '../parameters.ts'
import { asked } from '../problem.ts'
import { asProblem } from './analyze.ts'

const RuleSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    level: z.string(),
    kind: z.enum(['rule', 'correlation']),
    tags: z.array(z.string()),
    falsepositives: z.array(z.string()),
    findings: z.number().int(),
    verdicts: z.object({ true_positive: z.number().int(), false_positive: z.number().int(), benign: z.number().int() }),
  })
  .meta({ id: 'Rule' })

const SinkSchema = z
  .object({
    name: z.string(),
    type: z.string(),
    state: z.enum(['idle', 'working', 'failing', 'removed']),
    pending: z.number().int(),
    oldest: z.string().nullable(),
    dead_letters: z.number().int(),
    delivered: z.number().int(),
    delivered_at: z.string().nullable(),
    failures: z.number().int(),
    retry_at: z.string().nullable(),
    reason: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: 'Sink' })

const TryBody = z.strictObject({ rule: z.string().min(1).max(65_536), logs: z.string().min(1).max(900_000) }).meta({
  examples: [
    {
      rule: 'title: Probe\nid: 11111111-2222-4333-8444-555555555555\nlogsource:\n  category: webserver\ndetection:\n  selection:\n    cs-uri-stem|contains: /secret\n  condition: selection\nlevel: high\n',
      logs: '203.0.113.9 - - [30/Mar/2026:12:00:00 +0000] "GET /secret HTTP/1.1" 404 0 "-" "curl/8"\n',
    },
  ],
})

const MAX_LAGS = 50

/** Rules, sinks, lag, and the order to run a batch now. */
export function operateRoutes(app: Api, deps: ApiDeps): void {
  const { db, config, clock, analyzer, runner } = deps
  const caller = callerSignals(app)

  app.get(
    '/rules',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'Rules in force, with their findings and the verdicts on them',
        response: { 200: z.object({ items: z.array(RuleSchema) }), ...refusals() },
      },
    },
    async () => {
      const { rules } = await analyzer.refresh()
      const counts = new Map(verdictsByRule(db).map((one) => [one.rule, one] as const))
      const none = { findings: 0, verdicts: { true_positive: 0, false_positive: 0, benign: 0 } }
      return {
        items: rules.map(({ id, title, level, kind, tags, falsepositives }) => {
          const { findings, verdicts } = counts.get(id) ?? none
          return {
            id,
            title,
            level,
            kind,
            tags: [...tags],
            falsepositives: [...falsepositives],
            findings,
            verdicts: { ...verdicts },
          }
        }),
      }
    },
  )

  app.post(
    '/rules/try',
    {
      config: { scope: 'analyse' },
      schema: {
        tags: ['operate'],
        summary: 'Try a Sigma rule on some lines before you keep it',
        body: TryBody,
        response: { 200: AnalysisSchema, ...orderRefusals(422) },
      },
    },
    async (request, reply) => {
      const { rule, logs } = request.body
      const maxBytes = config.api.max_body_bytes
      const trial = { logs: { text: logs, name: 'logs' }, maxBytes, maxFindings: 100, rule }
      return analysisJson(await limitedAnalysis(deps, trial, caller(reply)).catch(asProblem))
    },
  )

  app.get(
    '/sinks',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'Sinks: what waits, what failed, what was delivered',
        response: { 200: z.object({ items: z.array(SinkSchema) }), ...refusals() },
      },
    },
    async () => ({
      items: sinkStatus(db, config.sinks).map((sink) => ({
        name: sink.name,
        type: sink.type,
        state: stateOf(sink),
        pending: sink.pending,
        oldest: timeOrNull(sink.oldest),
        dead_letters: sink.deadLetters,
        delivered: sink.delivered,
        delivered_at: timeOrNull(sink.deliveredAt),
        failures: sink.failures,
        retry_at: timeOrNull(sink.notBefore),
        reason: sink.reason,
        detail: sink.detail,
      })),
    }),
  )

  app.get(
    '/lag',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'Files with unread bytes, furthest behind first',
        response: {
          200: z.object({
            bytes: z.number().describe('Unread in these files'),
            items: z.array(z.object({ path: z.string(), bytes: z.number(), seconds: z.number() })),
          }),
          ...refusals(),
        },
      },
    },
    async () => {
      const items = fileLags(db, clock.now(), MAX_LAGS).filter(({ bytes }) => bytes > 0)
      return { bytes: items.reduce((sum, { bytes }) => sum + bytes, 0), items: items.map((one) => ({ ...one })) }
    },
  )

  app.post(
    '/run',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['operate'],
        summary: 'Run a batch now, or after the one under way',
        response: { 202: z.object({ status: z.enum(['started', 'queued']) }), ...orderRefusals(409) },
      },
    },
    async (_, reply) => {
      return reply.code(202).send({ status: asked(() => requestBatch(runner)) })
    },
  )
}

function stateOf({ type, failures, pending }: ReturnType<typeof sinkStatus>[number]) {
  if (type === 'removed') return 'removed' as const
  if (failures > 0) return 'failing' as const
  return pending > 0 ? ('working' as const) : ('idle' as const)
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
