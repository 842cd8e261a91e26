import { z } from 'zod'
import { holdLearning, requestRetraining } from '../../../control/learning.ts'
import { rollbackModels } from '../../../control/models.ts'
import { learningStatus } from '../../../queries/learning.ts'
import { listModels, type ModelItem } from '../../../queries/models.ts'
import { type Api, type ApiDeps, orderRefusals, refusals } from '../api.ts'
import { Problem } from '../problem.ts'

const ModelSchema = z
  .object({
    version: z.number().int(),
    in_force: z.boolean(),
    usable: z.boolean(),
    problem: z.string().nullable(),
    card: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Model' })

const LearningSchema = z.object({
  phase: z.string(),
  seen: z.number().int(),
  collected: z.number().int(),
  warmup_target: z.number().int(),
  frozen: z.boolean().describe('Whether learning is held, or will be with the next batch'),
  drift: z
    .object({
      version: z.number().int(),
      level: z.enum(['none', 'some', 'retrain']),
      summary: z.string(),
      features: z.array(z.object({ kind: z.string(), name: z.string(), psi: z.number() })),
    })
    .nullable()
    .describe('How far traffic has moved from what the models know'),
})

const SteeredSchema = z.object({ status: z.literal('accepted'), phase: z.string(), frozen: z.boolean() })

/** Versions of the learnt models, and the orders to the learning. */
export function modelRoutes(app: Api, { db, config }: ApiDeps): void {
  app.get(
    '/models',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'Versions of the learnt models',
        response: { 200: z.object({ items: z.array(ModelSchema), learning: LearningSchema }), ...refusals() },
      },
    },
    async () => {
      const { phase, seen, collected, warmupTarget, frozen, drift } = learningStatus(db, config)
      return {
        items: listModels(config).map(modelJson).reverse(),
        learning: {
          ...{ phase, seen, collected, warmup_target: warmupTarget, frozen },
          drift: drift
            ? {
                version: drift.version,
                level: drift.level,
                summary: drift.summary,
                features: drift.features.slice(0, 10).map((one) => ({ ...one })),
              }
            : null,
        },
      }
    },
  )

  app.post(
    '/models/rollback',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['operate'],
        summary: 'Put another version in force from the next batch on',
        body: z
          .strictObject({ version: z.number().int().min(1).max(1_000_000_000) })
          .meta({ examples: [{ version: 1 }] }),
        response: { 200: z.object({ version: z.number().int() }), ...orderRefusals(404, 409) },
      },
    },
    async (request) => {
      const { version } = request.body
      if (!listModels(config).some((one) => one.version === version))
        throw new Problem('NOT_FOUND', 'There is no such version; GET /models lists them.')
      return { version: rollbackModels(config, version).to }
    },
  )

  const steering = [
    ['/models/retrain', 'Train new models on the next events', () => requestRetraining(db)],
    ['/models/freeze', 'Stop learning; detection continues', () => holdLearning(db, true)],
    ['/models/resume', 'Resume learning', () => holdLearning(db, false)],
  ] as const
  for (const [path, summary, give] of steering) {
    app.post(
      path,
      {
        config: { scope: 'admin' },
        schema: {
          tags: ['operate'],
          summary,
          description: 'The process that learns follows this order from its next batch on.',
          response: { 202: SteeredSchema, ...orderRefusals() },
        },
      },
      async (_, reply) => {
        give()
        const { phase, frozen } = learningStatus(db, config)
        return reply.code(202).send({ status: 'accepted' as const, phase, frozen })
      },
    )
  }
}

function modelJson({ version, inForce, card, problem }: ModelItem): z.infer<typeof ModelSchema> {
  return { version, in_force: inForce, usable: problem === null, problem, card: { ...card } }
}
