import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OutputFolders } from '../../../src/pipeline/retention/output-folders.ts'
import { tempDir } from '../../support/temp.ts'

const NAMES = ['20260510T100000Z-00000001', '20260511T100000Z-hour', '20260512T100000Z-00000003']
const DAY = (day: number) => Date.UTC(2026, 4, day, 10)

function outputWith(...names: string[]): string {
  const dir = tempDir()
  for (const name of names) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'findings.jsonl'), 'x'.repeat(100_000))
  }
  return dir
}

function removed(dir: string, before: number, most: number) {
  const folders = new OutputFolders(dir)
  folders.refresh()
  while (folders.removeOldest(before, most)) {}
  return { left: readdirSync(dir).sort(), kept: folders.kept }
}

test('folders older than the limit are removed', () => {
  const { left, kept } = removed(outputWith(...NAMES), DAY(11), 1e9)
  expect(left).toEqual(NAMES.slice(1))
  expect(kept).toMatchObject({ folders: 2, since: DAY(11) })
})

test('the oldest are removed until the rest is small enough; the newest stays, however large it is', () => {
  expect(removed(outputWith(...NAMES), 0, 250_000).left).toEqual(NAMES.slice(1))
  expect(removed(outputWith(...NAMES), 0, 1).left).toEqual(NAMES.slice(2))
})

test('of two batches in one second the one that was written last stays', () => {
  const [first, second] = ['20260512T100000Z-ffffffff', '20260512T100000Z-00000001']
  const dir = outputWith(first, second)
  utimesSync(join(dir, first), 1, 1)
  utimesSync(join(dir, second), 2, 2)
  expect(removed(dir, 0, 1).left).toEqual([second])
})

test('what is not a folder of results is left alone, and does not count', () => {
  const others = ['20260101T000000Z', 'notes', '20260101T000000Z-00000001.bak', '.20260510T100000Z-00000009.partial']
  const { left, kept } = removed(outputWith(...others, ...NAMES), DAY(13), 1)
  expect(left).toEqual([...others, NAMES[2]].sort())
  expect(kept.folders).toBe(1)
})

test('a removal that a crash interrupted is finished', () => {
  const dir = outputWith(NAMES[2], `.${NAMES[0]}.removed`)
  new OutputFolders(dir).refresh()
  expect(readdirSync(dir)).toEqual([NAMES[2]])
})

test('a partial folder that no batch came back to goes when it is old', () => {
  const dir = outputWith('.20260510T100000Z-00000009.partial')
  const folders = new OutputFolders(dir)
  expect([DAY(10), DAY(11)].map((before) => folders.removeAbandoned(before, () => false))).toEqual([false, true])
  expect(readdirSync(dir)).toEqual([])
})

test('a partial folder goes at once when its batch is done', () => {
  const dir = outputWith('.20260510T100000Z-00000009.partial')
  const folders = new OutputFolders(dir)
  expect(['00000001', '00000009'].map((id) => folders.removeAbandoned(0, (batch) => batch === id))).toEqual([
    false,
    true,
  ])
})

test('a directory that is not there has no folders', () => {
  expect(removed(tempDir(), 0, 1).kept).toEqual({ folders: 0, bytes: 0, since: null })
  const folders = new OutputFolders(join(tempDir(), 'none'))
  folders.refresh()
  expect(folders.kept.folders).toBe(0)
})
