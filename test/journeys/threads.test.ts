import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { start } from '../support/cli.ts'
import { type GeneratedFormat, generate } from '../support/generate/generate.ts'
import { SHORT_TRAINING, summaryOf, workplace } from '../support/workplace.ts'

const FORMATS: readonly GeneratedFormat[] = ['combined', 'json', 'auth']

function write(dir: string, name: string, lines: number, seed: number): void {
  for (const format of FORMATS) {
    const file = `${name}-${format}.${format === 'json' ? 'jsonl' : 'log'}`
    generate(join(dir, 'logs', file), { lines, seed, format })
  }
}

test('one thread and several give the same findings, byte for byte, with every detector in force', async () => {
  const dir = workplace()
  writeFileSync(join(dir, 'oddline.yaml'), SHORT_TRAINING)
  write(dir, 'learnt', 1500, 1)
  await summaryOf(dir, '--warmup-logs', '4000')
  write(dir, 'judged', 800, 2)
  const texts: string[] = []
  for (const workers of ['1', '2']) {
    cpSync(join(dir, 'state'), join(dir, `state-${workers}`), { recursive: true })
    const args = ['run', '--once', '--json', '--state-dir', `state-${workers}`, '--output-dir', `out-${workers}`]
    const { stdout } = await start(dir, args, { WORKERS: workers }).ended
    const summary = JSON.parse(stdout)
    expect(summary.phase).toBe('ensemble')
    expect(summary.lines).toBe(3 * 800)
    texts.push(readFileSync(join(dir, summary.folder, 'findings.jsonl'), 'utf8'))
  }
  for (const detector of ['rules', 'isolation_forest', 'transformer']) {
    expect(texts[0]).toContain(`"detector":"${detector}"`)
  }
  expect(texts[1]).toBe(texts[0])
})

test('a long log, read ahead on a thread of its own, is found the same in', async () => {
  const dir = workplace()
  writeFileSync(join(dir, 'oddline.yaml'), 'detection: { frozen: true }\n')
  const lines = 90_000
  const { bytes } = generate(join(dir, 'logs', 'access.log'), { lines, seed: 3, format: 'combined' })
  expect(bytes).toBeGreaterThan(16 * 1024 * 1024)
  const texts: string[] = []
  for (const workers of ['1', '3']) {
    const args = ['run', '--once', '--json', '--state-dir', `state-${workers}`, '--output-dir', `out-${workers}`]
    const { stdout } = await start(dir, args, { WORKERS: workers }).ended
    const summary = JSON.parse(stdout)
    expect([summary.lines, summary.parsed, summary.phase]).toEqual([lines, lines, 'warmup'])
    const findings = readFileSync(join(dir, summary.folder, 'findings.jsonl'), 'utf8')
    expect(findings.trimEnd().split('\n').length).toBe(summary.findings.total)
    texts.push(findings)
  }
  expect(texts[1]).toBe(texts[0])
})
