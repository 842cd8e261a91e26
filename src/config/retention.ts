import { z } from 'zod'

const SIZE = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)$/
const UNIT: Record<string, number> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** A setting such as `500MB`. The parsed value is in bytes. */
function sizeSetting(fallback: string) {
  return z
    .string()
    .regex(SIZE, 'must be a number and a unit, for example 500MB or 2GB')
    .transform((text) => {
      const [, amount, unit] = SIZE.exec(text) as RegExpExecArray
      return Number(amount) * UNIT[unit]
    })
    .prefault(fallback)
}

export const RetentionConfig = z.strictObject({
  days: z
    .number()
    .min(0)
    .default(90)
    .describe(
      'Findings, incidents, batches, their folders and dead letters are removed when they are older than this many days. ' +
        '0: not by age. What waits for a sink stays, and so does what is under review: ' +
        'the strongest and the first 100 findings of an open incident of severity high or critical.',
    ),
  max_database: sizeSetting('1GB').describe(
    'Largest size of the database. Above it, the oldest batches are removed with their findings and incidents, ' +
      'except for what stays. It is never more than a quarter of the disk.',
  ),
  max_output: sizeSetting('1GB').describe(
    'Largest size of all folders of results. Above it, the oldest are removed; the newest stays. ' +
      'It is never more than a quarter of the disk.',
  ),
})
