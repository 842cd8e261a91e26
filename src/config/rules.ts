import { z } from 'zod'

const Override = z.strictObject({
  enabled: z.boolean().optional().describe('false: the rule is not used'),
  level: z
    .enum(['informational', 'low', 'medium', 'high', 'critical'])
    .optional()
    .describe('How bad a match is here, whatever the rule says'),
})

const Allow = z
  .strictObject({
    rules: z.array(z.string().min(1)).min(1).optional().describe('Ids of rules; every rule if absent'),
    client: z.string().min(1).optional().describe('Address or network of the client, such as 10.0.0.0/8'),
    user: z.string().min(1).optional().describe('Name of the user'),
    target: z.string().min(1).optional().describe('The request target begins with this'),
    expires: z
      .string()
      .refine((text) => !Number.isNaN(Date.parse(text)), 'is not a date such as 2026-12-31')
      .optional()
      .describe('Events from then on are judged again'),
    reason: z.string().min(1).describe('Why these matches are no concern, for whoever asks later'),
  })
  .refine(
    ({ rules, client, user, target }) => [rules, client, user, target].some((condition) => condition !== undefined),
    'names neither rules, client, user nor target and would silence all',
  )

/** Which signature rules are used, and what the operator says about them without touching their files. */
export const RulesConfig = z.strictObject({
  dirs: z
    .array(z.string().min(1))
    .default([])
    .describe('Directories of your own Sigma rules, beside the shipped ones; changes are taken before each batch'),
  shipped: z.boolean().default(true).describe('Whether the shipped rules are used'),
  placeholders: z
    .record(z.string().min(1), z.array(z.string()).min(1))
    .default({})
    .describe('Values for %names% in rules, such as {Administrators: [ann, bob]}; a rule without values is not used'),
  overrides: z
    .record(z.string().min(1), Override)
    .default({})
    .describe('By id of a rule: {enabled, level}, over what the rule says'),
  allow: z
    .array(Allow)
    .default([])
    .describe('Matches that are no concern: {rules, client, user, target, expires, reason}; all given must hold'),
})
