import { once } from 'node:events'
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FindingSchema } from '../../src/core/documents/finding.ts'
import { ordinaryLines, SQLI } from '../support/access-lines.ts'
import { BATCH_DONE, oddline, start } from '../support/cli.ts'
import { results, SHORT_TRAINING, summaryOf, workplace } from '../support/workplace.ts'

const SAMPLES = join(import.meta.dirname, '../../config/examples/logs')

describe('a single run', () => {
  test('reads every format, finds what is odd, and says it in files whose shape is published', async () => {
    const dir = workplace()
    writeFileSync(join(dir, 'oddline.yaml'), SHORT_TRAINING)
    cpSync(SAMPLES, join(dir, 'logs'), { recursive: true })
    const { code, summary } = await summaryOf(dir, '--warmup-logs', '1500')
    expect(code).toBe(0)
    expect(summary.lines).toBe(summary.parsed + summary.rejected + summary.skipped)
    const formats = summary.files.map((file: { format: string }) => file.format)
    expect(formats.sort()).toEqual(['access', 'csv', 'json', 'syslog'])
    const folder = join(dir, summary.folder)
    const lines = readFileSync(join(folder, 'findings.jsonl'), 'utf8').trim().split('\n')
    const findings = lines.map((line) => FindingSchema.parse(JSON.parse(line)))
    expect(findings).toHaveLength(summary.findings.total)
    for (const type of ['sqli', 'xss', 'path_traversal', 'cmdi', 'brute_force']) {
      expect(summary.findings.by_attack_type, type).toHaveProperty(type)
    }
    expect(findings.some((finding) => finding.oddline.severity === 'critical')).toBe(true)
    for (const { log, event } of findings.slice(0, 20)) {
      const bytes = readFileSync(log.file.path).subarray(log.offset, log.offset + event.original.length)
      expect(bytes.toString()).toBe(event.original)
    }
    expect(existsSync(join(folder, 'findings.csv')) && existsSync(join(folder, 'summary.json'))).toBe(true)
  })

  test('reads nothing twice, and of a grown file only what is new', async () => {
    const dir = workplace({ 'access.log': ordinaryLines(500) })
    expect((await summaryOf(dir)).summary.lines).toBe(500)
    expect((await summaryOf(dir)).summary.lines).toBe(0)
    appendFileSync(join(dir, 'logs/access.log'), `${ordinaryLines(9, 500)}${SQLI}\n`)
    const { summary } = await summaryOf(dir)
    expect([summary.lines, summary.findings.total]).toEqual([10, 1])
    expect(results(dir)).toHaveLength(2)
  })

  test('gives the same findings, byte for byte, for the same input', async () => {
    const content = `${ordinaryLines(3000)}${SQLI}\n${ordinaryLines(2000, 3000)}`
    const texts: string[] = []
    for (const _ of [1, 2]) {
      const dir = workplace({ 'access.log': content })
      writeFileSync(join(dir, 'oddline.yaml'), SHORT_TRAINING)
      const { summary } = await summaryOf(dir, '--warmup-logs', '1000')
      texts.push(readFileSync(join(dir, summary.folder, 'findings.jsonl'), 'utf8').replaceAll(dir, ''))
    }
    expect(texts[0]).toContain('sqli')
    expect(texts[0]).toBe(texts[1])
  })

  test('a dry run says what it would find, and writes and moves nothing', async () => {
    const dir = workplace({ 'access.log': `${SQLI}\n` })
    const { summary } = await summaryOf(dir, '--dry-run')
    expect(summary.findings.total).toBe(1)
    expect(results(dir)).toEqual([])
    expect((await summaryOf(dir)).summary.findings.total).toBe(1)
  })

  test('exits 10 on findings as severe as --fail-on, else 0', async () => {
    const dir = workplace({ 'access.log': `${SQLI}\n` })
    expect((await oddline(dir, 'run', '--once', '--fail-on', 'high')).code).toBe(10)
    expect((await oddline(dir, 'run', '--once', '--fail-on', 'high')).code).toBe(0)
  })

  test('delivers severe findings to a file sink once', async () => {
    const dir = workplace({ 'access.log': `${ordinaryLines(5)}${SQLI}\n` })
    writeFileSync(join(dir, 'oddline.yaml'), 'sinks:\n  out: {type: file, path: delivered.jsonl}\n')
    for (let i = 0; i < 2; i++) expect((await oddline(dir, 'run', '--once')).code).toBe(0)
    const delivered = readFileSync(join(dir, 'delivered.jsonl'), 'utf8').trim().split('\n')
    expect(delivered).toHaveLength(1)
    expect(delivered[0]).toContain('sqli')
  })
})

test('SIGTERM ends a run early and whole; the next one reads exactly the rest', async () => {
  const lines = 40_000
  const dir = workplace({ 'access.log': ordinaryLines(lines) })
  mkdirSync(join(dir, 'state'))
  const changes = watch(join(dir, 'state'))
  const { child, ended } = start(dir, ['run', '--once', '--json'])
  while (!existsSync(join(dir, 'state/lock.pid'))) await once(changes, 'change')
  changes.close()
  child.kill('SIGTERM')
  const { code, stdout } = await ended
  expect(code).toBe(0)
  const first = JSON.parse(stdout)
  const { summary } = await summaryOf(dir)
  expect(first.lines + summary.lines).toBe(lines)
})

test('a scheduled run takes a file that arrives, and stops cleanly', async () => {
  const dir = workplace({ 'access.log': ordinaryLines(100) })
  writeFileSync(join(dir, 'oddline.yaml'), 'schedule: {watch_settle_seconds: 0.1, watch_min_interval_seconds: 0}\n')
  const { child, ended, logged } = start(dir, ['run', '--watch'])
  await logged(BATCH_DONE)
  mkdirSync(join(dir, 'logs/later'))
  writeFileSync(join(dir, 'logs/later/new.log'), `${SQLI}\n`)
  await logged(BATCH_DONE, 2)
  // The first batch found nothing.
  expect(results(dir).filter((name) => !name.startsWith('.'))).toHaveLength(1)
  child.kill('SIGINT')
  expect((await ended).code).toBe(0)
  expect((await summaryOf(dir)).summary.lines).toBe(0)
})
