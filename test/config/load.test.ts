import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { OddlineError } from '../../src/core/errors.ts'
import { tempDir } from '../support/temp.ts'

function load(parts: { yaml?: string; dotenv?: string; env?: NodeJS.ProcessEnv; flags?: Record<string, unknown> }) {
  const cwd = tempDir()
  if (parts.yaml !== undefined) writeFileSync(join(cwd, 'oddline.yaml'), parts.yaml)
  if (parts.dotenv !== undefined) writeFileSync(join(cwd, '.env'), parts.dotenv)
  return loadConfig({ cwd, env: parts.env ?? {}, flags: parts.flags ?? {} })
}

function problemsOf(parts: Parameters<typeof load>[0]): OddlineError {
  try {
    load(parts)
  } catch (error) {
    return error as OddlineError
  }
  throw new Error('the configuration was taken')
}

describe('loading the configuration', () => {
  test('has a default for every key', () => {
    const config = load({})
    expect(config.detection.contamination).toBe(0.01)
    expect(config.detection.warmup_logs).toBe(50_000)
    expect(config.detection.baseline_days).toBe(7)
    expect(config.api.port).toBe(8000)
  })

  test('takes the file, then .env, then the environment, then flags, each stronger than the one before', () => {
    const yaml = 'logs: {dir: from-file}\noutput: {dir: from-file}\nstate: {dir: from-file}\nmodels: {dir: from-file}\n'
    const dotenv = 'LOG_DIR=from-dotenv\nOUTPUT_DIR=from-dotenv\nSTATE_DIR=from-dotenv\n'
    const env = { LOG_DIR: 'from-env', OUTPUT_DIR: 'from-env' }
    const config = load({ yaml, dotenv, env, flags: { 'logs.dir': 'from-flag' } })
    expect([config.logs.dir, config.output.dir, config.state.dir, config.models.dir]).toEqual([
      'from-flag',
      'from-env',
      'from-dotenv',
      'from-file',
    ])
  })

  test.each([
    ['LOG_DIR', 'x', (c: ReturnType<typeof load>) => c.logs.dir],
    ['MODEL_DIR', 'x', (c: ReturnType<typeof load>) => c.models.dir],
    ['BATCH_INTERVAL', '60', (c: ReturnType<typeof load>) => String(c.schedule.interval_seconds)],
    ['CONTAMINATION', '0.05', (c: ReturnType<typeof load>) => String(c.detection.contamination)],
    ['BASELINE_DAYS', '3', (c: ReturnType<typeof load>) => String(c.detection.baseline_days)],
    ['WARMUP_LOGS', '1000', (c: ReturnType<typeof load>) => String(c.detection.warmup_logs)],
    ['API_HOST', '0.0.0.0', (c: ReturnType<typeof load>) => c.api.host],
    ['API_PORT', '9000', (c: ReturnType<typeof load>) => String(c.api.port)],
    ['WORKERS', '2', (c: ReturnType<typeof load>) => String(c.workers)],
    ['LOG_LEVEL', 'debug', (c: ReturnType<typeof load>) => c.log.level],
  ])('honours %s', (name, value, read) => {
    expect(read(load({ env: { [name]: value } }))).toBe(value)
  })

  test('names every fault at once, with its path, where it was set, what was expected and the nearest name', () => {
    const error = problemsOf({
      yaml: 'logs: {dri: /var/log}\ndetection: {contamination: 2}\nscheduel: {}\n',
      env: { API_PORT: 'eighty' },
    })
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.exitCode).toBe(2)
    expect(error.message).toMatch(/logs\.dri: unknown key\. Did you mean `dir`\?/)
    expect(error.message).toMatch(/scheduel: unknown key\. Did you mean `schedule`\?/)
    expect(error.message).toMatch(/detection\.contamination: .*0\.5/)
    expect(error.message).toMatch(/api\.port \(API_PORT in the environment\): .*number/)
  })

  test('refuses a cron expression that is none', () => {
    expect(problemsOf({ flags: { 'schedule.cron': 'whenever' } }).message).toMatch(
      /schedule\.cron \(a flag\): is not a cron/,
    )
  })

  test('refuses a file that is no YAML, and says where', () => {
    expect(problemsOf({ yaml: 'logs: [' }).message).toMatch(/oddline\.yaml is not valid YAML/)
  })

  test('cannot be changed afterwards', () => {
    expect(() => Object.assign(load({}).logs, { dir: 'x' })).toThrow(TypeError)
  })
})
