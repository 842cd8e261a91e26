import { z } from 'zod'
import { RulesConfig } from './rules.ts'

const Weights = z.strictObject({
  rules: z.number().min(0).default(0.8).describe('Weight of the signature rules.'),
  isolation_forest: z.number().min(0).default(0.6).describe('Weight of the isolation forest.'),
  transformer: z.number().min(0).default(0.7).describe('Weight of the transformer.'),
})

const Drift = z.strictObject({
  retrain: z
    .boolean()
    .default(true)
    .describe('Whether drift starts a retraining. Set false to see drift in `oddline status` only.'),
  templates: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe(
      'Share of events with an unknown template, above the share in the training data, that counts as drift. ' +
        '0.05 is 5 % of the events.',
    ),
  index: z
    .number()
    .positive()
    .default(0.25)
    .describe(
      'A feature has drifted above this population stability index (PSI). Retraining starts when 25 % of the ' +
        'features have drifted.',
    ),
})

export const DetectionConfig = z.strictObject({
  contamination: z
    .number()
    .min(0.000001)
    .max(0.5)
    .default(0.01)
    .meta({
      env: 'CONTAMINATION',
      description:
        'Share of normal events that a model may call anomalous, 0.000001 to 0.5. ' +
        'Lower it if the models report too much, for example 0.001 for 1 in 1,000.',
    }),
  alerts_per_day: z
    .number()
    .min(0)
    .default(0)
    .meta({
      env: 'ALERTS_PER_DAY',
      description:
        'Alert budget: findings of the models per day of normal traffic, as measured in the training data. ' +
        'Set it in place of contamination if you know how many findings you can review. 0 uses contamination.',
    }),
  baseline_days: z.number().positive().default(7).meta({
    env: 'BASELINE_DAYS',
    description: '`oddline train` learns from this many days before the newest event.',
  }),
  warmup_logs: z
    .number()
    .int()
    .min(100)
    .default(50_000)
    .meta({
      env: 'WARMUP_LOGS',
      description:
        'Events to collect before the models are trained for the first time. Until then only the rules report findings. ' +
        'Take 1,000 to 10,000 for a small site.',
    }),
  retrain_logs: z
    .number()
    .int()
    .min(0)
    .default(1_000_000)
    .describe('Events after a training until the next one, which learns from `warmup_logs` new events. 0: never.'),
  retrain_days: z
    .number()
    .min(0)
    .default(0)
    .describe('Days of log time after a training until the next one. 0: never. Example: 30 to retrain every month.'),
  drift: Drift.prefault({}).describe(
    'When the traffic differs so much from the training data that models are retrained.',
  ),
  training_events: z
    .number()
    .int()
    .min(1000)
    .default(3_000_000)
    .describe(
      'The transformer is trained on at most this many events; an event counts again each time training repeats it. ' +
        'Lower it on a slow machine: 300000 takes a tenth of the time and makes a coarser model.',
    ),
  frozen: z
    .boolean()
    .default(false)
    .describe('Whether learning is paused: true keeps the current models and trains no new ones.'),
  min_score: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'Lowest score of a finding, 0 to 1. Rule matches are findings at any score. Raise it to see fewer findings.',
    ),
  seed: z
    .number()
    .int()
    .default(1)
    .describe('Seed of the random numbers in training. The same seed and logs give the same models.'),
  weights: Weights.prefault({}).describe(
    'How much each detector counts in the score of an event, relative to the others that score it. ' +
      '0 switches a model off.',
  ),
  rules: RulesConfig.prefault({}).describe('Which signature rules are used, and your exceptions to them.'),
})
