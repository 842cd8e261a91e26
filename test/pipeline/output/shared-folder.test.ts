import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyTotals } from '../../../src/core/documents/batch.ts'
import { BatchFolder } from '../../../src/pipeline/output/output.ts'
import type { Sharing } from '../../../src/pipeline/output/shared-folder.ts'
import type { BatchSummary } from '../../../src/pipeline/output/summary.ts'
import { aFinding } from '../../support/blocks/findings.ts'
import { tempDir } from '../../support/temp.ts'

const TEN = Date.UTC(2026, 4, 10, 10)
const MINUTE = 60_000
const HOURLY: Sharing = { period: 'hour', largest: 1e9, rejectsListed: 2 }
const REJECT = { line: 1, offset: 0, length: 4, reason: 'no time', text: 'what' }

interface Spec {
  readonly findings?: readonly number[]
  readonly rejects?: number
  readonly sharing?: Sharing
}

/** A batch that began at `at`, ready to finish. */
function begin(dir: string, id: string, at: number, { findings = [], rejects = 0, sharing = HOURLY }: Spec) {
  const folder = new BatchFolder(dir, at, id, 0, [], sharing)
  folder.found(findings.map((n) => ({ finding: aFinding({ n }), document: JSON.stringify(aFinding({ n })) })))
  folder.reject('a.log', Array(rejects).fill(REJECT))
  const { rejects_bytes: _, ...totals } = emptyTotals()
  const counts = { lines: 10, parsed: 0, rejected: rejects, skipped: 0, truncated: 0 }
  const reasons = rejects > 0 ? { reject_reasons: { 'no time': rejects } } : {}
  const summary: BatchSummary = {
    ...{ batch: id, started: new Date(at).toISOString(), finished: new Date(at + 1).toISOString() },
    ...{ phase: 'warmup', complete: true, ...totals, ...counts },
    findings: { ...totals.findings, total: findings.length },
    files: [{ path: 'a.log', format: 'syslog', ...counts, findings: findings.length, ...reasons }],
  }
  return { folder, finish: () => folder.finish(summary, (batches) => batches.join(' ')) }
}

function batch(dir: string, id: string, at: number, spec: Spec): BatchFolder {
  const { folder, finish } = begin(dir, id, at, spec)
  finish()
  folder.settled()
  return folder
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')
const summaryIn = (folder: string) => JSON.parse(read(folder, 'summary.json'))
const linesIn = (folder: string, name: string) => read(folder, name).trimEnd().split('\n')
const idsIn = (folder: string) => linesIn(folder, 'findings.jsonl').map((line) => JSON.parse(line).log.file.line - 1)

test('batches of the same hour share a folder, and its summary and report are of all of them', () => {
  const dir = tempDir()
  batch(dir, 'b1', TEN + MINUTE, { findings: [1, 2] })
  batch(dir, 'b2', TEN + 59 * MINUTE, { findings: [3], rejects: 1 })
  batch(dir, 'b3', TEN + 60 * MINUTE, { findings: [4] })
  expect(readdirSync(dir).sort()).toEqual(['20260510T100100Z-hour', '20260510T110000Z-hour'])
  const shared = join(dir, '20260510T100100Z-hour')
  expect(idsIn(shared)).toEqual([1, 2, 3])
  expect(linesIn(shared, 'findings.csv')).toHaveLength(4)
  expect(linesIn(shared, 'rejects.jsonl')).toHaveLength(1)
  expect(read(shared, 'report.html')).toBe('b1 b2')
  expect(summaryIn(shared)).toMatchObject({
    ...{ folder: 'hour', batches: ['b1', 'b2'], lines: 20, rejected: 1, findings: { total: 3 } },
    started: '2026-05-10T10:01:00.000Z',
    finished: '2026-05-10T10:59:00.001Z',
    files: [{ path: 'a.log', lines: 20, findings: 3 }],
  })
})

test('a full folder takes no more batches; a day is another folder than an hour', () => {
  const dir = tempDir()
  batch(dir, 'b1', TEN, { findings: [1] })
  batch(dir, 'b2', TEN + MINUTE, { findings: [2], sharing: { ...HOURLY, largest: 100 } })
  batch(dir, 'b3', TEN + 2 * MINUTE, { findings: [3], sharing: { ...HOURLY, period: 'day' } })
  batch(dir, 'b4', TEN + 120 * MINUTE, { findings: [4], sharing: { ...HOURLY, period: 'day' } })
  const folders = readdirSync(dir).sort()
  expect(folders).toEqual(['20260510T100000Z-hour', '20260510T100100Z-hour', '20260510T100200Z-day'])
  expect(folders.map((name) => idsIn(join(dir, name)))).toEqual([[1], [2], [3, 4]])
})

test('rejects are capped in all of the folder, and what is left out is counted', () => {
  const dir = tempDir()
  batch(dir, 'b1', TEN, { rejects: 1 })
  const { path } = batch(dir, 'b2', TEN + MINUTE, { rejects: 2 })
  expect(linesIn(path, 'rejects.jsonl')).toHaveLength(2)
  expect(summaryIn(path)).toMatchObject({
    ...{ rejected: 3, rejects_unlisted: 1 },
    files: [{ reject_reasons: { 'no time': 3 } }],
  })
})

test.each(['before it is recorded', 'in the middle of it'])('a batch killed %s adds its findings once', (when) => {
  const dir = tempDir()
  batch(dir, 'b1', TEN, { findings: [1], rejects: 1 })
  const killed = begin(dir, 'b2', TEN + MINUTE, { findings: [2], rejects: 1 })
  const shared = join(dir, '20260510T100000Z-hour')
  const before = tempDir()
  cpSync(shared, before, { recursive: true })
  killed.finish()
  // The findings were added, the summary was not yet.
  if (when === 'in the middle of it') cpSync(join(before, 'summary.json'), join(shared, 'summary.json'))
  const again = begin(dir, 'b2', TEN + MINUTE, { findings: [2], rejects: 1 })
  for (const name of ['findings.jsonl', 'findings.csv', 'rejects.jsonl', 'summary.json']) {
    expect(read(shared, name)).toBe(read(before, name))
  }
  again.finish()
  again.folder.settled()
  expect([idsIn(shared), summaryIn(shared).batches, readdirSync(dir)]).toEqual([
    [1, 2],
    ['b1', 'b2'],
    ['20260510T100000Z-hour'],
  ])
})

test('the first batch of a folder, killed before it is recorded, takes its folder back', () => {
  const dir = tempDir()
  begin(dir, 'b1', TEN, { findings: [1] }).finish()
  const again = begin(dir, 'b1', TEN, { findings: [1] })
  expect(existsSync(join(dir, '20260510T100000Z-hour'))).toBe(false)
  again.finish()
  expect(idsIn(join(dir, '20260510T100000Z-hour'))).toEqual([1])
})

test('a folder whose summary cannot be read is left as it is', () => {
  const dir = tempDir()
  mkdirSync(join(dir, '20260510T100000Z-hour'))
  const { path } = batch(dir, 'b1', TEN, { findings: [1] })
  expect(path).toBe(join(dir, '20260510T100000Z-b1'))
  expect(readdirSync(join(dir, '20260510T100000Z-hour'))).toEqual([])
})
