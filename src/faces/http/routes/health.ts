import { z } from 'zod'
import { version } from '../../../core/version.ts'
import { learningStatus } from '../../../queries/learning.ts'
import { retentionStatus } from '../../../queries/retention.ts'
import { probe } from '../../../queries/state.ts'
import { logsProcessed } from '../../logs-processed.ts'
import { type Api, type ApiDeps, publicRefusals, refusals } from '../api.ts'

const PhaseSchema = z.enum(['warmup', 'training', 'waiting', 'ensemble'])
const ActiveModels = z.object({ rule_based: z.boolean(), isolation_forest: z.boolean(), transformer: z.boolean() })

const RootSchema = z.object({
  message: z.string(),
  version: z.string(),
  learning_mode: z.string(),
  endpoints: z.record(z.string(), z.string()),
})

const HealthSchema = z.object({
  status: z.enum(['healthy', 'degraded']),
  phase: PhaseSchema,
  logs_processed: z.number().int(),
  transformer_ready: z.boolean(),
  active_models: z.number().int(),
})

const StatusSchema = z.object({
  logs_processed: z.number().int(),
  warmup_target: z.number().int(),
  warmup_complete: z.boolean(),
  training_in_progress: z.boolean(),
  isolation_forest_ready: z.boolean(),
  transformer_ready: z.boolean(),
  vocabulary_size: z.number().int(),
  training_sequences: z.number().int(),
  iso_training_samples: z.number().int(),
  active_models: ActiveModels,
  phase: PhaseSchema,
  retention: z.object({
    database: z.object({ bytes: z.number(), free: z.number(), since: z.string().optional() }),
    output: z.object({ bytes: z.number(), folders: z.number().int(), since: z.string().optional() }),
    removed: z
      .object({ at: z.string(), last: z.record(z.string(), z.number()), total: z.record(z.string(), z.number()) })
      .optional(),
  }),
})

const ENDPOINTS = {
  'POST /detect': 'judge one line',
  'POST /detect/batch': 'judge up to 100 lines',
  'POST /analyze': 'analyse security events',
  'POST /analyze/file': 'analyse a log file',
  'GET /status': 'how far the learning is, and how much is kept',
  'GET /health': 'whether it works',
  'GET /findings': 'what the batches found',
  'GET /incidents': 'findings grouped by who, what and when',
  'GET /metrics': 'for Prometheus',
  'GET /ui/': 'the dashboard',
  'GET /docs': 'everything else, documented',
}

/** The root, health for probes, and the state of learning. */
export function healthRoutes(app: Api, deps: ApiDeps): void {
  const { db, config, analyzer } = deps

  app.get(
    '/',
    { schema: { tags: ['health'], summary: 'What this is', response: { 200: RootSchema, ...publicRefusals() } } },
    async () => ({
      message: 'Oddline finds the odd line in your logs',
      version: version(),
      learning_mode: 'online',
      endpoints: ENDPOINTS,
    }),
  )

  app.get(
    '/health',
    {
      schema: {
        tags: ['health'],
        summary: 'Whether it works, and how far it is',
        response: { 200: HealthSchema, ...publicRefusals(503) },
      },
    },
    async () => {
      const { phase, active } = await analyzer.refresh()
      return {
        status: active.rules ? ('healthy' as const) : ('degraded' as const),
        phase,
        logs_processed: logsProcessed(deps),
        transformer_ready: active.transformer,
        active_models: Object.values(active).filter(Boolean).length,
      }
    },
  )

  const Probe = z.object({ status: z.enum(['live', 'ready', 'not_ready']), detail: z.string().optional() })

  app.get(
    '/health/live',
    {
      schema: {
        tags: ['health'],
        summary: 'Whether the process answers',
        response: { 200: Probe, ...publicRefusals() },
      },
    },
    async () => ({ status: 'live' as const }),
  )

  app.get(
    '/health/ready',
    {
      schema: {
        tags: ['health'],
        summary: 'Whether it can judge lines and read its state',
        response: { 200: Probe, ...publicRefusals(), 503: Probe },
      },
    },
    async (_, reply) => {
      try {
        probe(db)
        await analyzer.refresh()
        return { status: 'ready' as const }
      } catch {
        return reply.code(503).send({
          status: 'not_ready' as const,
          detail: 'The state or the detectors cannot be used; the log says why.',
        })
      }
    },
  )

  app.get(
    '/status',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['health'],
        summary: 'How far the learning is, and how much is kept',
        response: { 200: StatusSchema, ...refusals() },
      },
    },
    async () => {
      const { active, model } = await analyzer.refresh()
      const learning = learningStatus(db, config)
      return {
        logs_processed: logsProcessed(deps),
        warmup_target: learning.warmupTarget,
        warmup_complete: learning.phase !== 'warmup',
        training_in_progress: learning.phase === 'training',
        isolation_forest_ready: active.isolation_forest,
        transformer_ready: active.transformer,
        vocabulary_size: model.vocabularySize,
        training_sequences: model.trainingSequences,
        iso_training_samples: learning.phase === 'warmup' ? learning.collected : model.trainedOn,
        active_models: {
          rule_based: active.rules,
          isolation_forest: active.isolation_forest,
          transformer: active.transformer,
        },
        phase: learning.phase,
        retention: retentionStatus(db),
      }
    },
  )
}
