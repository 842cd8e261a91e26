import { z } from 'zod'

/**
 * The answer of `POST /detect` for one line: a stable shape that clients rely on. Scores are 0 to 1. A detector without
 * an opinion has score 0 and a status that says why.
 */
const Opinion = z.object({
  is_anomaly: z.boolean(),
  score: z.number(),
  status: z
    .enum(['ready', 'not_ready', 'no_opinion'])
    .describe('not_ready: no model yet; no_opinion: the detector does not score this line'),
})

const PerModel = z.object({ rule: z.number(), iso: z.number(), transformer: z.number() })

export const DetectionSchema = z
  .object({
    is_anomaly: z.boolean(),
    anomaly_score: z.number().min(0).max(1),
    phase: z.enum(['warmup', 'training', 'waiting', 'ensemble']),
    timestamp: z.string().describe('When the line was scored, ISO 8601 UTC'),
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
        weights: PerModel.describe('Weights used for this line; they sum to 1 over the detectors with an opinion'),
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
      not_understood: z.string().optional().describe('Why the line could not be parsed; absent if it was'),
    }),
  })
  .meta({ id: 'Detection' })

export type Detection = z.infer<typeof DetectionSchema>
