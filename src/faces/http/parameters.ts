import { z } from 'zod'
import { SEVERITIES } from '../../core/documents/severity.ts'
import type { FindingCriteria } from '../../queries/findings/filter.ts'
import { decodeCursor, type PageRequest } from '../../queries/page.ts'
import { Problem } from './problem.ts'

/** A time: ISO 8601, or an age such as `24h`, `7d` or `30m`. */
export const TimeSchema = z
  .string()
  .max(40)
  .regex(
    /^(?:\d{1,6}[smhd]|\d{4}-\d{2}-\d{2}(?:T[\d:.]{5,12}(?:Z|[+-]\d{2}:?\d{2})?)?)$/,
    'must be ISO 8601 or an age such as 24h',
  )
  .describe('ISO 8601, or an age such as 24h, 7d or 30m')

const UNIT = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** @throws Problem INVALID_REQUEST for a day that is not in the calendar */
export function timeOf(text: string, now: number): number {
  const age = /^(\d+)([smhd])$/.exec(text)
  const time = age ? now - Number(age[1]) * UNIT[age[2] as keyof typeof UNIT] : Date.parse(text)
  if (Number.isNaN(time))
    throw new Problem('INVALID_REQUEST', `${text} is not a time. Write ISO 8601 or an age such as 24h.`)
  return time
}

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().min(1).max(200).optional().describe('`next` of the answer before'),
})

export const FindingQuery = z.object({
  since: TimeSchema.optional(),
  until: TimeSchema.optional(),
  severity: z.enum(SEVERITIES).optional().describe('This severity or a worse one'),
  detector: z.enum(['rules', 'isolation_forest', 'transformer']).optional(),
  attack_type: z.string().min(1).max(100).optional(),
  rule: z.string().min(1).max(200).optional(),
  session: z.string().min(1).max(256).optional().describe('Client address, or user of a login'),
  user: z.string().min(1).max(256).optional(),
  batch: z.string().min(1).max(64).optional(),
  incident: z.string().min(1).max(64).optional(),
  text: z.string().min(1).max(200).optional().describe('Text that the line or its explanation holds'),
})

/** @throws Problem INVALID_REQUEST */
export function filterOf(query: z.infer<typeof FindingQuery>, now: number): FindingCriteria {
  const { since, until, attack_type: attackType, ...rest } = query
  return {
    ...rest,
    attackType,
    since: since === undefined ? undefined : timeOf(since, now),
    until: until === undefined ? undefined : timeOf(until, now),
  }
}

/** @throws Problem INVALID_REQUEST for a cursor that is not valid */
export function pageRequest({ limit, cursor }: z.infer<typeof PageQuery>): PageRequest {
  if (cursor !== undefined && !decodeCursor(cursor))
    throw new Problem('INVALID_REQUEST', 'The cursor is not valid. Start without one.')
  return { limit, cursor }
}

export const IdParams = z.object({ id: z.string().min(1).max(64) })

export const isoTime = (ms: number) => new Date(ms).toISOString()
