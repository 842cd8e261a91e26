import { z } from 'zod'
import { httpKeys, secret } from '#sink'

export const SlackConfig = z.strictObject({
  url: secret().describe('Incoming webhook of the channel, https://hooks.slack.com/services/... Treat it as a secret.'),
  report_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Link in each message; {incident} stands for the id of the incident.'),
  timezone: z.string().refine(isTimezone, 'must be the name of a time zone, such as Europe/Berlin').default('UTC'),
  ...httpKeys,
})
export type SlackConfig = z.infer<typeof SlackConfig>

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
