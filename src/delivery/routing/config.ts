import { z } from 'zod'
import { RouteSchema } from './routing.ts'

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/
const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length of time as `500ms`, `30s`, `5m`, `4h` or `3d`; in ms after parsing. */
export function duration(fallback: string) {
  return z
    .string()
    .regex(DURATION, 'must be a number and a unit, such as 500ms, 30s, 5m, 4h or 3d')
    .transform(parseDuration)
    .prefault(fallback)
}

export function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text) as RegExpExecArray
  return Number(amount) * UNIT_MS[unit]
}

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:00')
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const MuteWindowSchema = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS])
    .describe('Days on which the window begins'),
  from: TimeOfDay,
  to: TimeOfDay.describe('End; a window that ends before it begins runs over midnight'),
  timezone: z.string().refine(isTimezone, 'must be the name of a time zone, such as Europe/Berlin').default('UTC'),
  critical: z.boolean().default(true).describe('Whether critical incidents come through all the same'),
})
export type MuteWindow = z.infer<typeof MuteWindowSchema>

/** Keys that the host reads from the section of every sink; the rest are the sink's own. */
export const HostKeys = z.object({
  type: z
    .string()
    .min(1)
    .describe('slack, splunk_hec, elasticsearch, webhook, file, or the name of an npm package that exports a sink'),
  enabled: z.boolean().default(true),
  route: RouteSchema.prefault({}).describe('Which findings it gets'),
  batch: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Findings in one request, at most what the sink allows'),
  capacity: z
    .number()
    .int()
    .min(1)
    .default(100_000)
    .describe('Findings that may wait; beyond it the oldest go to the dead letters, from where they can be replayed'),
  timeout: duration('30s').describe('Time limit of one delivery'),
  retry_for: duration('3d').describe('How long a finding is tried before it goes to the dead letters'),
  retry_max_wait: duration('5m').describe('Longest wait between two tries'),
  group_wait: duration('30s').describe('For people: wait before the first notice of an incident'),
  group_interval: duration('5m').describe('For people: least time between two notices of an incident'),
  repeat_interval: duration('4h').describe('For people: an incident that goes on is told again after this'),
  tell_resolved: z.boolean().default(true).describe('For people: whether the end of an incident is told'),
  digest_above: z
    .number()
    .int()
    .min(1)
    .default(3)
    .describe('For people: more incidents than this due at once are told in one digest'),
  mute: z.array(MuteWindowSchema).default([]).describe('For people: times at which nothing is sent'),
})
export type HostSettings = z.infer<typeof HostKeys>

/** The `sinks:` section: a name of the operator's choice to a sink. The keys of each type are checked by `configureSinks`. */
export const SinksConfig = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a sink is named in lower case letters, digits, - and _'),
    HostKeys.pick({ type: true }).catchall(z.unknown()),
  )
  .default({})
export type SinksConfig = z.infer<typeof SinksConfig>

const InhibitMatch = z.strictObject({
  severity: z.enum(['low', 'medium', 'high', 'critical']).optional().describe('At least this severe'),
  below: z.enum(['medium', 'high', 'critical']).optional().describe('Less severe than this'),
  what: z.array(z.string().min(1)).min(1).optional().describe('Attack types or detectors, with * and ?'),
})

/** The `incidents:` section. */
export const IncidentsConfig = z
  .strictObject({
    gap: duration('1h').describe('Findings of one who and what further apart than this in log time are two incidents'),
    resolve_after: duration('1h').describe('An incident with no new finding for this long is over'),
    inhibit: z
      .array(z.strictObject({ source: InhibitMatch, target: InhibitMatch }))
      .default([{ source: { severity: 'critical' }, target: { below: 'critical' } }])
      .describe(
        'While an open incident matches source, people are not told of those of the same who that match target',
      ),
  })
  .prefault({})
export type IncidentsConfig = z.infer<typeof IncidentsConfig>
export type InhibitRule = IncidentsConfig['inhibit'][number]

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
