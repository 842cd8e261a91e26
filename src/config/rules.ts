import { z } from 'zod'

const Override = z.strictObject({
  enabled: z.boolean().optional().describe('Whether the rule is used.'),
  level: z
    .enum(['informational', 'low', 'medium', 'high', 'critical'])
    .optional()
    .describe('Level that replaces the level of the rule.'),
})

const Allow = z
  .strictObject({
    rules: z.array(z.string().min(1)).min(1).optional().describe('Ids of rules. Default: all rules.'),
    client: z.string().min(1).optional().describe('Address or network of the client. Example: 10.0.0.0/8.'),
    user: z.string().min(1).optional().describe('Name of the user.'),
    target: z.string().min(1).optional().describe('Prefix of the request target.'),
    expires: z
      .string()
      .refine((text) => !Number.isNaN(Date.parse(text)), 'is not a date, for example 2026-12-31')
      .optional()
      .describe('The exception does not apply to events from this date on.'),
    reason: z.string().min(1).describe('Why these matches are acceptable.'),
  })
  .refine(
    ({ rules, client, user, target }) => [rules, client, user, target].some((condition) => condition !== undefined),
    'must contain at least one of rules, client, user and target; otherwise it would allow everything',
  )

/** Which signature rules are used, and exceptions that do not change the rule files. */
export const RulesConfig = z.strictObject({
  dirs: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'Directories with your own Sigma rules. Each batch reads changed files again.',
      examples: [['/etc/oddline/rules']],
    }),
  shipped: z.boolean().default(true).describe('Whether the built-in rules are used.'),
  placeholders: z
    .record(z.string().min(1), z.array(z.string()).min(1))
    .default({})
    .meta({
      description:
        'Values for the placeholders (%name%) of rules. A rule with a placeholder without values is not used.',
      examples: [{ Administrators: ['ann', 'bob'] }],
    }),
  overrides: z
    .record(z.string().min(1), Override)
    .default({})
    .meta({
      description: 'Changes to single rules, by rule id: enabled and level.',
      examples: [{ '034c4655-5c5c-5d23-851a-02bc270431cf': { level: 'low' } }],
    }),
  allow: z
    .array(Allow)
    .default([])
    .meta({
      description:
        'Exceptions: rule matches that are not reported. The keys are rules, client, user, target, expires and reason; ' +
        'all given conditions must match.',
      examples: [[{ client: '10.0.0.7', expires: '2026-12-31', reason: 'vulnerability scanner' }]],
    }),
})
