import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyTotals } from '../../../src/core/documents/batch.ts'
import { DurableFile } from '../../../src/pipeline/output/durable-file.ts'
import { BatchFolder } from '../../../src/pipeline/output/output.ts'
import type { BatchSummary } from '../../../src/pipeline/output/summary.ts'
import { aFinding } from '../../support/blocks/findings.ts'
import { tempDir } from '../../support/temp.ts'

const STARTED = Date.UTC(2026, 4, 10, 10)
const FOLDER = '20260510T100000Z-b1'
const reject = (line: number) => ({ line, offset: 0, length: 4, reason: 'no format', text: 'what' })
const found = (n: number) => {
  const finding = aFinding({ n })
  return { finding, document: JSON.stringify(finding) }
}

/** What a batch says of itself. */
function summaryOf(batch: string, counts: Partial<BatchSummary> = {}): BatchSummary {
  const { rejects_bytes: _, ...totals } = emptyTotals()
  const times = { started: '2026-05-10T10:00:00.000Z', finished: '2026-05-10T10:00:01.000Z' }
  return { batch, ...times, phase: 'warmup', complete: true, ...totals, ...counts }
}

test('a batch folder is visible only once it is whole', () => {
  const dir = tempDir()
  const folder = new BatchFolder(dir, STARTED, 'b1', 0, [])
  folder.found([found(1), found(2)])
  expect(readdirSync(dir)).toEqual([`.${FOLDER}.partial`])
  folder.finish(summaryOf('b1'), () => '<html></html>')
  expect(folder.path).toBe(join(dir, FOLDER))
  expect(readdirSync(folder.path).sort()).toEqual(['findings.csv', 'findings.jsonl', 'report.html', 'summary.json'])
  expect(readFileSync(join(folder.path, 'findings.jsonl'), 'utf8')).toBe(`${found(1).document}\n${found(2).document}\n`)
  expect(readFileSync(join(folder.path, 'findings.csv'), 'utf8').split('\r\n')).toHaveLength(4)
})

test('a resumed batch writes its findings anew, and cuts off the rejects after the last commit', () => {
  const dir = tempDir()
  const first = new BatchFolder(dir, STARTED, 'b1', 0, [])
  first.reject('a.log', [reject(1)])
  const committed = first.sync()
  first.reject('a.log', [reject(2)])
  first.found([found(1), found(2)])
  first.sync()
  first.close()

  const second = new BatchFolder(dir, STARTED, 'b1', committed, [found(1).finding])
  second.reject('a.log', [reject(3)])
  second.found([found(3)])
  second.finish(summaryOf('b1', { rejected: 2 }))
  const lines = (name: string) => readFileSync(join(second.path, name), 'utf8').trimEnd().split('\n')
  expect(lines('rejects.jsonl').map((line) => JSON.parse(line).line)).toEqual([1, 3])
  expect(lines('findings.jsonl')).toEqual([found(1).document, found(3).document])
})

test('a folder that was finished but not recorded as done is opened again', () => {
  const dir = tempDir()
  new BatchFolder(dir, STARTED, 'b1', 0, []).finish(summaryOf('b1'))
  const again = new BatchFolder(dir, STARTED, 'b1', 0, [found(1).finding])
  expect(existsSync(again.path)).toBe(false)
  again.finish(summaryOf('b1'))
  expect(readFileSync(join(again.path, 'findings.jsonl'), 'utf8')).toBe(`${found(1).document}\n`)
})

test('a batch that has nothing to say leaves no folder', () => {
  const dir = tempDir()
  new BatchFolder(dir, STARTED, 'b1', 0, []).discard()
  expect(readdirSync(dir)).toEqual([])
})

test('a directory that cannot be written is said with its path and what to do', () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'out'), '')
  expect(() => new BatchFolder(join(dir, 'out'), STARTED, 'b1', 0, [])).toThrow(
    expect.objectContaining({ code: 'OUTPUT_FAILED', message: expect.stringMatching(/out.*run again/) }),
  )
})

test('a durable file holds what was written in order, however large each write is', () => {
  const path = join(tempDir(), 'file')
  const file = new DurableFile(path)
  const parts = ['short ', 'é'.repeat(300_000), 'x'.repeat(200_000), 'y'.repeat(100_000), ' end']
  for (const part of parts) file.write(part)
  expect(file.sync()).toBe(Buffer.byteLength(parts.join('')))
  file.close()
  expect(readFileSync(path, 'utf8')).toBe(parts.join(''))
})

test('a durable file is cut at the length that it is opened with', () => {
  const dir = tempDir()
  mkdirSync(join(dir, 'd'))
  const path = join(dir, 'd', 'file')
  writeFileSync(path, 'kept, lost')
  const file = new DurableFile(path, 4)
  file.write('!')
  expect(file.sync()).toBe(5)
  file.close()
  file.close()
  expect(readFileSync(path, 'utf8')).toBe('kept!')
})
