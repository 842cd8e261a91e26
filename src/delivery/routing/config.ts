import { z } from 'zod'
import { durationSetting } from './duration.ts'
import { RouteSchema } from './routing.ts'

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, for example 22:00')
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const MuteWindowSchema = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS])
    .describe('Days on which the window starts.'),
  from: TimeOfDay.describe('Start of the window.'),
  to: TimeOfDay.describe('End of the window. An end before the start is on the next day.'),
  timezone: z
    .string()
    .refine(isTimezone, 'must be the name of a time zone, for example Europe/Berlin')
    .default('UTC')
    .describe('Time zone of from and to.'),
  critical: z.boolean().default(true).describe('Whether notices of critical incidents are sent in the window.'),
})
export type MuteWindow = z.infer<typeof MuteWindowSchema>

/** Settings that every sink has. The other keys of a section belong to the sink itself. */
export const HostKeys = z.object({
  type: z
    .string()
    .min(1)
    .describe('slack, splunk_hec, elasticsearch, webhook, file, or the name of an npm package that exports a sink.'),
  enabled: z.boolean().default(true).describe('Whether the sink is used.'),
  route: RouteSchema.prefault({}).describe('Which findings the sink gets.'),
  batch: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Most findings in one request. The sink sets the default and the maximum.'),
  capacity: z
    .number()
    .int()
    .min(1)
    .default(100_000)
    .describe('Most waiting findings. If more wait, the oldest become dead letters, which you can replay.'),
  timeout: durationSetting('30s').describe('Time limit of one request.'),
  retry_for: durationSetting('3d').describe('How long a finding is retried before it becomes a dead letter.'),
  retry_max_wait: durationSetting('5m').describe('Longest wait between two attempts.'),
  group_wait: durationSetting('30s').describe('Notices: wait before the first notice of an incident.'),
  group_interval: durationSetting('5m').describe('Notices: shortest time between two notices of an incident.'),
  repeat_interval: durationSetting('4h').describe(
    'Notices: time between two notices of an incident that stays the same.',
  ),
  tell_resolved: z.boolean().default(true).describe('Notices: whether people get a notice when an incident ends.'),
  digest_above: z
    .number()
    .int()
    .min(1)
    .default(3)
    .describe('Notices: if more incidents than this are due at once, they are sent as one digest.'),
  mute: z
    .array(MuteWindowSchema)
    .default([])
    .describe('Notices: windows in which none is sent. Example: [{ from: "22:00", to: "06:00" }].'),
})
export type HostSettings = z.infer<typeof HostKeys>

/** The `sinks:` section, by the name that the operator gives. `configureSinks` checks the keys of each type. */
export const SinksConfig = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be a name of lower-case letters, digits, - and _'),
    HostKeys.pick({ type: true }).catchall(z.unknown()),
  )
  .default({})
export type SinksConfig = z.infer<typeof SinksConfig>

const InhibitMatch = z.strictObject({
  severity: z.enum(['low', 'medium', 'high', 'critical']).optional().describe('Lowest severity that matches.'),
  below: z.enum(['medium', 'high', 'critical']).optional().describe('Matches lower severities than this.'),
  what: z.array(z.string().min(1)).min(1).optional().describe('Attack types or detectors, with * and ?.'),
})

/** The `incidents:` section. */
export const IncidentsConfig = z
  .strictObject({
    gap: durationSetting('1h').describe(
      'Longest time in the log between two findings of one incident. ' +
        'Findings of the same client and attack that are further apart become two incidents.',
    ),
    resolve_after: durationSetting('1h').describe('An incident without new findings for this long is resolved.'),
    inhibit: z
      .array(z.strictObject({ source: InhibitMatch, target: InhibitMatch }))
      .default([{ source: { severity: 'critical' }, target: { below: 'critical' } }])
      .describe(
        'Which incidents suppress the notices of others. While an incident that matches source is open, ' +
          'people get no notice of incidents of the same client that match target.',
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
