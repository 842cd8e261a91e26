import { validate as isCron } from 'node-cron'
import { z } from 'zod'
import { IncidentsConfig, SinksConfig } from '../delivery/routing/config.ts'
import { RulesConfig } from './rules.ts'

/**
 * Every key of the configuration, with its default. This is the manual: `config/default.yaml` and `config/schema.json`
 * are generated from here. `env` in a key's meta names the environment variable that sets it.
 */

const glob = z.string().min(1)
const seconds = z.number().positive()

const Logs = z.strictObject({
  dir: z
    .string()
    .min(1)
    .default('logs')
    .meta({ env: 'LOG_DIR', description: 'Directory that is searched for log files' }),
  include: z.array(glob).default(['**/*']).describe('Globs of the files to read, relative to `dir`'),
  exclude: z.array(glob).default(['**/.*', '**/*.tmp', '**/*.swp']).describe('Globs of files to leave alone'),
  formats: z
    .array(z.strictObject({ glob, format: z.enum(['access', 'syslog', 'json', 'csv', 'plain']) }))
    .default([])
    .describe('Formats that are not to be guessed from the first lines, as {glob, format}; the first that fits holds'),
  max_line_bytes: z
    .number()
    .int()
    .min(256)
    .max(16_777_216)
    .default(262_144)
    .describe('Longer lines are cut here, marked and counted'),
  settle_seconds: z
    .number()
    .min(0)
    .default(5)
    .describe('A last line without a newline counts as whole when its file has not changed for so long'),
})

const Output = z.strictObject({
  dir: z
    .string()
    .min(1)
    .default('batch_outputs')
    .meta({ env: 'OUTPUT_DIR', description: 'Each batch writes a folder of its own here' }),
})

const State = z.strictObject({
  dir: z
    .string()
    .min(1)
    .default('state')
    .meta({ env: 'STATE_DIR', description: 'Offsets, findings, outbox and learnt models; one process writes it' }),
})

const Models = z.strictObject({
  dir: z.string().default('').meta({
    env: 'MODEL_DIR',
    description: 'Directory of the learnt models; empty means `models` under the state directory',
  }),
  keep: z.number().int().min(1).default(5).describe('Versions that are kept for a rollback'),
})

const Schedule = z.strictObject({
  mode: z
    .enum(['once', 'interval', 'cron', 'watch'])
    .default('interval')
    .describe('once: one batch, then exit; interval, cron: batches by the clock; watch: also when a file has grown'),
  interval_seconds: seconds
    .default(3600)
    .meta({ env: 'BATCH_INTERVAL', description: 'Seconds between the starts of two batches (mode interval)' }),
  cron: z
    .string()
    .refine(isCron, 'is not a cron expression, such as "0 * * * *"')
    .default('0 * * * *')
    .describe('Five or six fields, local time (mode cron)'),
  watch_settle_seconds: seconds.default(2).describe('A file has settled when it did not grow for so long (mode watch)'),
})

const Weights = z.strictObject({
  rules: z.number().min(0).default(0.8).describe('Weight of the signature rules'),
  isolation_forest: z.number().min(0).default(0.6).describe('Weight of the isolation forest'),
  transformer: z.number().min(0).default(0.7).describe('Weight of the transformer'),
})

const Drift = z.strictObject({
  retrain: z.boolean().default(true).describe('Whether the models are then learnt anew'),
  templates: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('Share of events whose template is unknown, beyond that of the training data'),
  index: z
    .number()
    .positive()
    .default(0.25)
    .describe('Population stability index from which a feature has moved; it takes a quarter of the features'),
})

const Detection = z.strictObject({
  contamination: z
    .number()
    .min(0.000001)
    .max(0.5)
    .default(0.01)
    .meta({ env: 'CONTAMINATION', description: 'Part of normal traffic that a learnt detector may call odd' }),
  alerts_per_day: z
    .number()
    .min(0)
    .default(0)
    .meta({
      env: 'ALERTS_PER_DAY',
      description:
        'An alert budget in place of the contamination: so many findings on a day of normal traffic, as it was when ' +
        'the models were trained; 0 means that the contamination holds',
    }),
  baseline_days: z
    .number()
    .positive()
    .default(7)
    .meta({ env: 'BASELINE_DAYS', description: '`oddline train` learns from so many days before the newest event' }),
  warmup_logs: z
    .number()
    .int()
    .min(100)
    .default(50_000)
    .meta({ env: 'WARMUP_LOGS', description: 'Events that are watched before the learnt detectors are trained' }),
  retrain_logs: z
    .number()
    .int()
    .min(0)
    .default(1_000_000)
    .describe(
      'Events after a training until the models are learnt anew, from the next `warmup_logs` events; 0 never does',
    ),
  retrain_days: z
    .number()
    .min(0)
    .default(0)
    .describe('Days of log time after a training until the models are learnt anew; 0 never does'),
  drift: Drift.prefault({}).describe(
    'When traffic has moved so far from the training data that models are of the past',
  ),
  training_seconds: seconds
    .default(300)
    .describe('The training of the transformer ends after so long, with what it has learnt'),
  frozen: z.boolean().default(false).describe('Whether learning is held: the models in force stay as they are'),
  min_score: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Events that score lower are not findings, unless a rule matched'),
  seed: z.number().int().default(1).describe('Seed of all that is drawn by chance in training'),
  weights: Weights.prefault({}).describe(
    'Weights of the ensemble, renormalised over those with an opinion; 0 switches a model off',
  ),
  rules: RulesConfig.prefault({}).describe('Signature rules'),
})

const ApiKey = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, 'must be letters, digits, - and _'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits; `oddline api-key` prints them'),
  scopes: z.array(z.enum(['read', 'analyse', 'admin'])).min(1),
})

const Api = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ env: 'API_HOST', description: 'Address that the API listens on; one beside loopback needs a key' }),
  port: z
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(8000)
    .meta({ env: 'API_PORT', description: 'Port that the API listens on' }),
  key_sha256: z
    .union([z.literal(''), ApiKey.shape.sha256])
    .default('')
    .meta({ env: 'API_KEY_SHA256', description: 'SHA-256 of a key with every scope; `oddline api-key` makes both' }),
  keys: z
    .array(ApiKey)
    .default([])
    .describe('Further keys as {name, sha256, scopes}; scopes are read, analyse and admin'),
  tls: z
    .strictObject({
      cert_file: z
        .string()
        .default('')
        .meta({ env: 'API_TLS_CERT', description: 'Certificate chain, PEM; empty means HTTP' }),
      key_file: z.string().default('').meta({ env: 'API_TLS_KEY', description: 'Private key, PEM' }),
    })
    .prefault({})
    .refine(({ cert_file, key_file }) => (cert_file === '') === (key_file === ''), 'needs both cert_file and key_file')
    .describe('HTTPS'),
  cors_origins: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe('Origins whose pages may call the API from a browser; none by default'),
  rate_limit_per_minute: z.number().int().min(0).default(6000).meta({
    env: 'API_RATE_LIMIT_PER_MINUTE',
    description: 'Requests a minute of one key from one address; 0 means no limit',
  }),
  max_body_bytes: z.number().int().min(1024).max(268_435_456).default(1_048_576).describe('Largest JSON body'),
  max_file_bytes: z
    .number()
    .int()
    .min(1024)
    .default(104_857_600)
    .describe('Largest uploaded file, and largest file read by path; gzip counts before and after inflating'),
  allowed_roots: z
    .array(z.string().min(1))
    .default([])
    .describe('Directories whose files may be analysed by path; the log directory is always one of them'),
  trust_proxy: z.boolean().default(false).meta({
    env: 'API_TRUST_PROXY',
    description: 'Whether X-Forwarded-For of a reverse proxy on this host or private network is believed',
  }),
})

const Log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta({ env: 'LOG_LEVEL', description: 'The least severe messages of our own that are shown' }),
})

export const ConfigSchema = z.strictObject({
  logs: Logs.prefault({}).describe('What is read'),
  output: Output.prefault({}).describe('Where the results of each batch are written'),
  state: State.prefault({}).describe('What must survive a restart'),
  models: Models.prefault({}).describe('Learnt models'),
  schedule: Schedule.prefault({}).describe('When a batch runs'),
  detection: Detection.prefault({}).describe('How odd is odd'),
  sinks: SinksConfig.describe('Where findings are delivered: name to {type, ...}; see sinks/README.md'),
  incidents: IncidentsConfig.describe('How findings become the incidents that people are told of'),
  api: Api.prefault({}).describe('The REST API'),
  workers: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .meta({ env: 'WORKERS', description: 'Threads that process a batch; 0 chooses by the number of processors' }),
  log: Log.prefault({}).describe('Our own log'),
})

export type Config = z.infer<typeof ConfigSchema>
