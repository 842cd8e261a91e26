import { z } from 'zod'
import { COMPARISONS, CORRELATION_TYPES, type Correlation } from './model.ts'

type CorrelationPart = Pick<
  Correlation,
  | 'kind'
  | 'type'
  | 'rules'
  | 'groupBy'
  | 'timespanMs'
  | 'thresholds'
  | 'fields'
  | 'percentile'
  | 'aliases'
  | 'generate'
  | 'knownForMs'
  | 'timesLongestPause'
  | 'apartMs'
>

const Schema = z.strictObject({
  type: z.enum(CORRELATION_TYPES),
  rules: z.union([z.array(z.string().min(1)).min(1), z.string().min(1)]).default([]),
  'group-by': z.union([z.array(z.string().min(1)), z.string().min(1)]).default([]),
  timespan: z.string().default('1d'),
  condition: z
    .strictObject({
      gt: z.number().optional(),
      gte: z.number().optional(),
      lt: z.number().optional(),
      lte: z.number().optional(),
      eq: z.number().optional(),
      neq: z.number().optional(),
      field: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
      percentile: z.number().min(0).max(100).optional(),
    })
    .optional(),
  aliases: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  generate: z.boolean().default(false),
  'known-for': z.string().optional(),
  'times-longest-pause': z.number().min(1).optional(),
  'at-least-apart': z.string().optional(),
})

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  M: 30 * 86_400_000,
  y: 365 * 86_400_000,
}

/**
 * Reads the `correlation` section of a document.
 * @throws Error or ZodError that says what is wrong
 */
export function parseCorrelation(section: unknown): CorrelationPart {
  const read = Schema.parse(section)
  const condition = read.condition ?? {}
  const thresholds = COMPARISONS.flatMap((operator) => {
    const value = condition[operator]
    return value === undefined ? [] : [{ operator, value }]
  })
  const fields = [condition.field ?? []].flat()
  refuseMisplaced(section as Record<string, unknown>, read)
  const temporal = read.type === 'temporal' || read.type === 'temporal_ordered'
  if (!temporal && thresholds.length === 0) throw new Error(`a correlation of type ${read.type} needs a condition`)
  if (/^value_|_new_value$/.test(read.type) && fields.length === 0) {
    throw new Error(`a correlation of type ${read.type} needs "condition.field"`)
  }
  return {
    kind: 'correlation',
    type: read.type,
    rules: [read.rules].flat(),
    groupBy: [read['group-by']].flat(),
    timespanMs: parseTimespan(read.timespan),
    thresholds,
    fields,
    percentile: condition.percentile ?? 50,
    aliases: read.aliases,
    generate: read.generate,
    knownForMs: parseTimespan(read['known-for'] ?? '1d'),
    timesLongestPause: read['times-longest-pause'] ?? 3,
    apartMs: read['at-least-apart'] === undefined ? 0 : parseTimespan(read['at-least-apart']),
  }
}

/**
 * Checks for missing and unsupported keys: some keys are only for Oddline's correlation types, and some are optional
 * only there.
 */
function refuseMisplaced(section: Record<string, unknown>, { type }: z.infer<typeof Schema>): void {
  const own = type.startsWith('oddline_')
  const needed = type === 'oddline_silence' ? ['timespan'] : own ? ['rules'] : ['rules', 'timespan']
  for (const key of needed) {
    if (section[key] === undefined) throw new Error(`a correlation of type ${type} needs "${key}"`)
  }
  const foreign = own ? (type === 'oddline_silence' ? ['rules'] : []) : ['known-for', 'times-longest-pause']
  if (type !== 'event_count') foreign.push('at-least-apart')
  for (const key of foreign) {
    if (section[key] !== undefined)
      throw new Error(`"${key}" is not supported by a correlation of type ${type}; remove it`)
  }
}

function parseTimespan(text: string): number {
  const match = /^(\d{1,9})([smhdwMy])$/.exec(text)
  if (!match || Number(match[1]) === 0) throw new Error(`timespan "${text}" is not a number with one of s m h d w M y`)
  return Number(match[1]) * UNIT_MS[match[2]]
}
