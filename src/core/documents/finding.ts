import { z } from 'zod'
import { SEVERITIES } from './severity.ts'

/**
 * A finding: an event, or the last event of a pattern over several events, that the ensemble considers anomalous. It is
 * an ECS document with the same shape in the outputs, the database, the API and every sink; fields outside ECS are
 * under `oddline`. `config/finding.schema.json` is generated from this file.
 */

const RuleMatch = z.object({
  id: z.string(),
  title: z.string(),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  attack_type: z.string().describe('Class of the attack in one word, such as sqli, xss, brute_force; empty if none'),
  techniques: z.array(z.string()).describe('ATT&CK technique ids, such as T1190'),
  field: z.string().describe('Field that matched; for a correlation the group-by values'),
  matched: z.string().describe('The text that matched, shortened, and decoded as the rule saw it'),
  incident_title: z.string().optional().describe('Title for the incident, with fields such as {user}, from the rule'),
  incident_title_succeeded: z.string().optional().describe('The same for an attack that succeeded'),
  remedy: z.string().optional().describe('What a person should do, from the rule'),
})

const FeatureShare = z.object({
  name: z.string(),
  actual: z.number(),
  typical: z.number().describe('Median in the training data'),
  share: z.number().describe('Part of the score caused by this feature, 0 to 1'),
})

const Step = z.object({ template: z.string(), probability: z.number() })

const opinion = {
  score: z.number().min(0).max(1).describe('Calibrated score, comparable between detectors'),
  summary: z.string().describe('Why, in one sentence'),
}

export const RulesEvidence = z.object({ ...opinion, detector: z.literal('rules'), matches: z.array(RuleMatch) })

export const ForestEvidence = z.object({
  ...opinion,
  detector: z.literal('isolation_forest'),
  raw_score: z.number().describe('Anomaly score of Liu et al. 2008, equation 2'),
  one_in: z.number().describe('One in this many normal events looks at least as odd'),
  features: z.array(FeatureShare),
})

export const TransformerEvidence = z.object({
  ...opinion,
  detector: z.literal('transformer'),
  raw_score: z.number().describe('Negative log-likelihood of the seen template, nats'),
  one_in: z.number().describe('One in this many normal events looks at least as odd'),
  seen: Step,
  expected: z
    .array(Step)
    .describe('The most probable next templates; empty if the event is too ordinary for them to matter'),
  context: z.array(z.string()).describe('The templates before it in the session, oldest first'),
})

export const EvidenceSchema = z.discriminatedUnion('detector', [RulesEvidence, ForestEvidence, TransformerEvidence])

/** Below this score (0 to 1), a model's evidence is left out if other detectors gave a reason. */
export const SAYS_NOTHING = 0.3

const DETECTORS = ['rules', 'isolation_forest', 'transformer'] as const

export const FindingSchema = z.object({
  '@timestamp': z
    .string()
    .describe('Time of the event, ISO 8601 UTC; modification time of the file if the line has no time'),
  ecs: z.object({ version: z.string() }),
  event: z.object({
    id: z.string().describe('Deterministic: the same line of the same file gets the same id in every run'),
    kind: z.literal('alert'),
    module: z.literal('oddline'),
    category: z.array(z.string()),
    action: z.string().optional(),
    outcome: z.enum(['success', 'failure', 'unknown']),
    severity: z.number().int().describe('1 low, 2 medium, 3 high, 4 critical'),
    risk_score: z.number().describe('0 to 100'),
    original: z.string().describe('The raw line, cut at 8192 characters'),
  }),
  message: z.string().describe('What happened and why it is anomalous, in one or two sentences'),
  rule: z.object({ id: z.string(), name: z.string() }).optional().describe('The matching rule with the highest level'),
  threat: z.object({ technique: z.object({ id: z.array(z.string()) }) }).optional(),
  source: z.object({ address: z.string(), ip: z.string().optional() }).optional(),
  user: z.object({ name: z.string() }).optional(),
  host: z.object({ name: z.string() }).optional(),
  process: z.object({ name: z.string() }).optional(),
  url: z.object({ original: z.string(), path: z.string(), query: z.string().optional() }).optional(),
  http: z
    .object({
      version: z.string().optional(),
      request: z.object({ method: z.string(), referrer: z.string().optional() }),
      response: z.object({ status_code: z.number().optional(), body: z.object({ bytes: z.number() }).optional() }),
    })
    .optional(),
  user_agent: z.object({ original: z.string() }).optional(),
  log: z.object({ file: z.object({ path: z.string(), line: z.number() }), offset: z.number() }),
  oddline: z.object({
    severity: z.enum(SEVERITIES),
    score: z.number().min(0).max(1),
    attack_types: z.array(z.string()),
    session: z.string().describe('Client address of a request; address or user of a security event'),
    phase: z.enum(['warmup', 'training', 'waiting', 'ensemble']),
    votes: z.partialRecord(z.enum(DETECTORS), z.number()).describe('Score of each detector with an opinion'),
    weights: z.partialRecord(z.enum(DETECTORS), z.number()).describe('Weights used; they sum to 1'),
    evidence: z.array(EvidenceSchema),
    truncated: z.boolean().describe('Whether event.original or the line itself was cut'),
  }),
})

export type Finding = z.infer<typeof FindingSchema>
export type Evidence = z.infer<typeof EvidenceSchema>
export type RuleMatch = z.infer<typeof RuleMatch>
export type DetectorName = (typeof DETECTORS)[number]
export type Phase = Finding['oddline']['phase']
