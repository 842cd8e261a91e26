import { z } from 'zod'

/**
 * What one line looks like to the detectors: the answer of `POST /detect`, whose shape clients rely on. Scores are 0
 * to 1; a detector without an opinion has the score 0 and says so in its status.
 */
const Opinion = z.object({
  is_anomaly: z.boolean(),
  score: z.number(),
  status: z
    .enum(['ready', 'not_ready', 'no_opinion'])
    .describe('not_ready: no model yet; no_opinion: not of this line'),
})

const PerModel = z.object({ rule: z.number(), iso: z.number(), transformer: z.number() })

export const DetectionSchema = z
  .object({
    is_anomaly: z.boolean(),
    anomaly_score: z.number().min(0).max(1),
    phase: z.enum(['warmup', 'training', 'waiting', 'ensemble']),
    timestamp: z.string().describe('When the line was judged, ISO 8601 UTC'),
    details: z.object({
      logs_processed: z.number().int(),
      transformer_ready: z.boolean(),
      isolation_forest_ready: z.boolean(),
      rule_based: z.object({
        is_attack: z.boolean(),
        attack_types: z.array(z.string()),
        confidence: z.number(),
        patterns_matched: z.array(z.string()).describe('Titles of the rules that matched'),
      }),
      isolation_forest: Opinion,
      transformer: Opinion,
      ensemble: z.object({
        score: z.number(),
        votes: PerModel,
        weights: PerModel.describe('As used for this line, summing to 1 over the detectors with an opinion'),
        active_models: z.number().int(),
      }),
      log_data: z.object({
        ip: z.string().nullable(),
        method: z.string().nullable(),
        path: z.string().nullable(),
        protocol: z.string().nullable(),
        status: z.number().int().nullable(),
        raw_line: z.string(),
      }),
      not_understood: z.string().optional().describe('Why the line could not be read, where it could not'),
    }),
  })
  .meta({ id: 'Detection' })

export type Detection = z.infer<typeof DetectionSchema>
