import { z } from 'zod'
import { ModelStore } from '../../../learning/artifacts.ts'
import { learningStatus, modelsDir } from '../../queries/status.ts'
import { type Api, refusals } from '../api.ts'
import { Problem } from '../problem.ts'
import type { ApiDeps } from '../server.ts'

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
  can_steer: z.boolean().describe('Whether this process learns, and so can retrain and freeze'),
})

/** Learnt models: what there is, and which is in force. */
export function modelRoutes(app: Api, { db, config, control }: ApiDeps): void {
  const store = new ModelStore(modelsDir(config))

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
      const current = store.current()
      const { phase, seen, collected, warmupTarget } = learningStatus(db, config)
      return {
        items: store
          .versions()
          .reverse()
          .map((version) => ({ version, in_force: version === current, ...cardOf(version) })),
        learning: { phase, seen, collected, warmup_target: warmupTarget, can_steer: control?.retrain !== undefined },
      }
    },
  )

  app.post(
    '/models/rollback',
    {
      config: { scope: 'admin' },
      schema: {
        tags: ['operate'],
        summary: 'Put another version in force; the next batch uses it',
        body: z.object({ version: z.number().int().min(1).max(1_000_000_000) }).meta({ examples: [{ version: 1 }] }),
        response: { 200: z.object({ version: z.number().int() }), ...refusals(404, 409) },
      },
    },
    async (request) => {
      const { version } = request.body
      if (!store.versions().includes(version))
        throw new Problem('NOT_FOUND', 'There is no such version; GET /models lists them.')
      const { usable, problem } = cardOf(version)
      if (!usable) throw new Problem('CONFLICT', problem ?? 'This version cannot be used.')
      store.use(version)
      return { version }
    },
  )

  const steering = [
    ['/models/retrain', 'Train anew on the events that come', () => control?.retrain?.bind(control)],
    ['/models/freeze', 'Stop learning; detection goes on', () => control?.freeze?.bind(control, true)],
    ['/models/resume', 'Learn again', () => control?.freeze?.bind(control, false)],
  ] as const
  for (const [path, summary, ability] of steering) {
    app.post(
      path,
      {
        config: { scope: 'admin' },
        schema: {
          tags: ['operate'],
          summary,
          response: { 202: z.object({ status: z.literal('accepted') }), ...refusals(409) },
        },
      },
      async (_, reply) => {
        const act = ability()
        if (!act)
          throw new Problem(
            'CONFLICT',
            'This process does not learn; ask the one that runs the batches (`oddline run --api`).',
          )
        act()
        return reply.code(202).send({ status: 'accepted' as const })
      },
    )
  }

  function cardOf(version: number) {
    try {
      return { usable: true, problem: null, card: { ...store.load(version).card } }
    } catch (error) {
      return { usable: false, problem: (error as Error).message, card: {} }
    }
  }
}
