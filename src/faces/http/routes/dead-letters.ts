import { z } from 'zod'
import { discardDeadLetters, replayDeadLetters } from '../../../control/dead-letters.ts'
import type { DeadLetter, DeadLetterFilter } from '../../../core/documents/dead-letter.ts'
import { FindingSchema } from '../../../core/documents/finding.ts'
import { countDeadLetters, deadLetterById, listDeadLetters } from '../../../queries/dead-letters.ts'
import { type Api, type ApiDeps, orderRefusals, refusals } from '../api.ts'
import { isoTime } from '../parameters.ts'
import { asked, Problem } from '../problem.ts'

const DeadLetterSchema = z
  .object({
    id: z.number().int(),
    sink: z.string(),
    incident: z.string().nullable(),
    reason: z.string(),
    detail: z.string(),
    attempts: z.number().int(),
    died_at: z.string(),
  })
  .meta({ id: 'DeadLetter' })

const SinkName = z.string().min(1).max(64)
const Selection = z
  .strictObject({
    ids: z.array(z.number().int().min(1)).min(1).max(1000).optional(),
    sink: SinkName.optional().describe('All of this sink'),
  })
  .meta({ examples: [{ sink: 'slack' }, { ids: [1, 2] }] })

/** Dead letters: list, replay and discard them. */
export function deadLetterRoutes(app: Api, { db, clock }: ApiDeps): void {
  app.get(
    '/dead-letters',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'Dead letters, newest first',
        querystring: z.object({
          sink: SinkName.optional(),
          limit: z.coerce.number().int().min(1).max(500).default(50),
        }),
        response: { 200: z.object({ total: z.number().int(), items: z.array(DeadLetterSchema) }), ...refusals() },
      },
    },
    async (request) => {
      const { sink, limit } = request.query
      return { total: countDeadLetters(db, { sink }), items: listDeadLetters(db, { sink }, limit).map(letterJson) }
    },
  )

  app.get(
    '/dead-letters/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operate'],
        summary: 'One dead letter with its finding',
        params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
        response: { 200: DeadLetterSchema.extend({ finding: FindingSchema.nullable() }), ...refusals(404) },
      },
    },
    async (request) => {
      const shown = deadLetterById(db, request.params.id)
      if (!shown) throw new Problem('NOT_FOUND', 'There is no dead letter of this id.')
      return { ...letterJson(shown.letter), finding: shown.finding ?? null }
    },
  )

  const acts = [
    [
      '/dead-letters/replay',
      'Put dead letters back into their queues',
      (filter: DeadLetterFilter) => replayDeadLetters(db, filter, clock.now()),
    ],
    ['/dead-letters/discard', 'Delete dead letters', (filter: DeadLetterFilter) => discardDeadLetters(db, filter)],
  ] as const
  for (const [path, summary, act] of acts) {
    app.post(
      path,
      {
        config: { scope: 'admin' },
        schema: {
          tags: ['operate'],
          summary,
          body: Selection,
          response: { 200: z.object({ count: z.number().int() }), ...orderRefusals() },
        },
      },
      async (request) => {
        const { ids, sink } = request.body
        return { count: asked(() => act({ ids, sink })) }
      },
    )
  }
}

function letterJson({ id, sink, incident, reason, detail, attempts, diedAt }: DeadLetter) {
  return { id, sink, incident, reason, detail, attempts, died_at: isoTime(diedAt) }
}
