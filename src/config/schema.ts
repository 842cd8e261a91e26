import { validate as isCron } from 'node-cron'
import { z } from 'zod'
import { IncidentsConfig, SinksConfig } from '../delivery/routing/config.ts'
import { ApiConfig } from './api.ts'
import { DetectionConfig } from './detection.ts'
import { RetentionConfig } from './retention.ts'

/**
 * Every setting with its default. `npm run generate` writes the manual `config/default.yaml` and `config/schema.json`
 * from it. In the metadata of a key, `env` is its environment variable and `examples` are values for the manual. The
 * first sentence of a description also appears in error messages.
 */

const glob = z.string().min(1)
const seconds = z.number().positive()

const Logs = z.strictObject({
  dir: z
    .string()
    .min(1)
    .default('logs')
    .meta({
      env: 'LOG_DIR',
      description: 'Directory with the log files. Subdirectories are included.',
      examples: ['/var/log/nginx'],
    }),
  include: z
    .array(glob)
    .default(['**/*'])
    .meta({
      description: 'Glob patterns of the files to read, relative to `dir`.',
      examples: [['access.log*', 'auth.log*']],
    }),
  exclude: z
    .array(glob)
    .default(['**/.*', '**/*.tmp', '**/*.swp'])
    .describe('Glob patterns of files to ignore, relative to `dir`. They take precedence over `include`.'),
  formats: z
    .array(z.strictObject({ glob, format: z.enum(['access', 'syslog', 'json', 'csv', 'plain']) }))
    .default([])
    .meta({
      description:
        'Formats of files, by glob pattern: access, syslog, json, csv or plain. The first match applies. ' +
        'Set it if Oddline detects the format of a file wrongly.',
      examples: [[{ glob: 'app/*.log', format: 'json' }]],
    }),
  max_line_bytes: z
    .number()
    .int()
    .min(256)
    .max(16_777_216)
    .default(262_144)
    .describe('Longest line in bytes. Longer lines are truncated, marked and counted.'),
  settle_seconds: z
    .number()
    .min(0)
    .default(5)
    .describe(
      'A last line without a line break is read when its file has not changed for this many seconds. ' +
        'Raise it if a program writes lines in pieces.',
    ),
})

const Output = z.strictObject({
  dir: z
    .string()
    .min(1)
    .default('batch_outputs')
    .meta({
      env: 'OUTPUT_DIR',
      description:
        'Directory with the results. A batch with findings or rejected lines writes a folder in it. ' +
        'A single batch (mode once) always writes one if it read a line.',
    }),
  folder: z
    .enum(['batch', 'hour', 'day'])
    .default('hour')
    .describe(
      'Which batches share a folder. batch: none. hour, day: those that start in the same hour or day (UTC), ' +
        'up to an eighth of `retention.max_output`. A single batch (mode once) always has its own.',
    ),
  rejects_per_reason: z
    .number()
    .int()
    .min(1)
    .default(1_000)
    .describe(
      'Most lines that `rejects.jsonl` lists of a file and a reason. The rest are counted in `summary.json` only: ' +
        'by reason in `reject_reasons` of the file, all together in `rejects_unlisted`.',
    ),
})

const State = z.strictObject({
  dir: z.string().min(1).default('state').meta({
    env: 'STATE_DIR',
    description: 'Directory with offsets, findings, queues and models. Only one process can write to it at a time.',
  }),
})

const Models = z.strictObject({
  dir: z.string().default('').meta({
    env: 'MODEL_DIR',
    description: 'Directory with the trained models. Empty: `models` in the state directory.',
  }),
  keep: z.number().int().min(1).default(5).describe('Number of model versions to keep, for `oddline models rollback`.'),
})

const Schedule = z.strictObject({
  mode: z
    .enum(['once', 'interval', 'cron', 'watch'])
    .default('interval')
    .describe(
      'When batches run. once: one batch, then exit. interval: every `interval_seconds`. cron: at the times of `cron`. ' +
        'watch: as interval, and also when a file grows.',
    ),
  interval_seconds: seconds.default(3600).meta({
    env: 'BATCH_INTERVAL',
    description: 'Seconds from the start of one batch to the start of the next (modes interval and watch).',
  }),
  cron: z
    .string()
    .refine(isCron, 'is not a cron expression, for example "0 * * * *"')
    .default('0 * * * *')
    .meta({
      description: 'Cron expression of five fields, or of six with seconds first, in local time (mode cron).',
      examples: ['*/15 * * * *'],
    }),
  watch_settle_seconds: seconds
    .default(2)
    .describe('A batch starts when no file has grown for this many seconds (mode watch).'),
  watch_max_wait_seconds: seconds
    .default(60)
    .describe(
      'While files keep growing, a batch starts every this many seconds without waiting for them to settle (mode watch).',
    ),
  watch_min_interval_seconds: z
    .number()
    .min(0)
    .default(10)
    .describe(
      'Shortest time between two batches that growing files start, in seconds (mode watch). ' +
        'Lines that arrive sooner are read together.',
    ),
})

const Log = z.strictObject({
  level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').meta({
    env: 'LOG_LEVEL',
    description: 'Lowest level of the messages that Oddline logs: debug, info, warn, error or silent.',
  }),
})

export const ConfigSchema = z.strictObject({
  logs: Logs.prefault({}).describe('Which log files are read'),
  output: Output.prefault({}).describe('Where the results are written'),
  state: State.prefault({}).describe('Where the state is kept between runs'),
  retention: RetentionConfig.prefault({}).describe('How long findings and results are kept'),
  models: Models.prefault({}).describe('Trained models'),
  schedule: Schedule.prefault({}).describe('When batches run'),
  detection: DetectionConfig.prefault({}).describe('Detection thresholds and training'),
  sinks: SinksConfig.meta({
    description:
      'Where findings are sent, by a name of your choice. See sinks/README.md for the types and their settings.',
    examples: [{ people: { type: 'slack', url_file: '/run/secrets/slack-webhook', route: { severity: 'high' } } }],
  }),
  incidents: IncidentsConfig.describe('How findings are grouped into incidents'),
  api: ApiConfig.prefault({}).describe('The REST API'),
  workers: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .meta({
      env: 'WORKERS',
      description:
        'Threads for a batch. 1: a single thread. More: also a thread for each model and one for reading. ' +
        '0: a single thread on a machine with one processor, else more.',
    }),
  log: Log.prefault({}).describe("Oddline's own log"),
})

export type Config = z.infer<typeof ConfigSchema>
