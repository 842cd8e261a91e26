import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { OneFile } from '../../src/reading/one-file.ts'
import { Reader } from '../../src/reading/reader.ts'
import { tempDir } from '../support/temp.ts'
import { drain, optionsFor, sniffByName } from './support.ts'

const OPTIONS = { maxRecordBytes: 200, chunkBytes: 1000, sniff: sniffByName }
const TEXT = Array.from({ length: 90 }, (_, i) => `line ${i} ${'ä'.repeat(i % 40)}`).join('\n')

async function all(file: OneFile) {
  onTestFinished(() => file.close())
  const seen: { line: number; offset: number; flags: number; text: string }[] = []
  for (let read = await file.next(); read; read = await file.next()) {
    const { bytes, count, starts, ends, lines, offsets, flags } = read.block
    for (let i = 0; i < count; i++) {
      const text = bytes.toString('utf8', starts[i], ends[i])
      seen.push({ line: lines[i], offset: offsets[i], flags: flags[i], text })
    }
  }
  return seen
}

const forms: [string, string, Buffer][] = [
  ['plain text', 'a.log', Buffer.from(TEXT)],
  ['text with a byte order mark', 'a.log', Buffer.from(`\uFEFF${TEXT}`)],
  ['UTF-16', 'a.log', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
  ['gzip', 'a.log.gz', gzipSync(TEXT)],
  ['several gzip members', 'a.log.gz', Buffer.concat([gzipSync(TEXT.slice(0, 999)), gzipSync(TEXT.slice(999))])],
  [
    'a JSON array',
    'a.json',
    Buffer.from(
      JSON.stringify(
        TEXT.split('\n').map((text) => ({ text })),
        null,
        1,
      ),
    ),
  ],
  ['a record above the limit', 'a.log', Buffer.from(`short\n${'x'.repeat(5000)}\nshort`)],
]

test.each(forms)('gives of %s the records that the reader gives', async (_, name, content) => {
  const dir = tempDir()
  writeFileSync(join(dir, name), content)
  const reader = new Reader(optionsFor(dir, { ...OPTIONS, settleMs: 0 }), [])
  const expected = (await drain(reader)).map(({ line, offset, flags, text }) => ({ line, offset, flags, text }))
  expect(expected.length).toBeGreaterThan(2)
  const file = OneFile.open(join(dir, name), name, OPTIONS)
  expect(await all(file)).toEqual(expected)
  expect(file.problem).toBeUndefined()
})

test('gives the same of text in memory', async () => {
  const path = join(tempDir(), 'a.log')
  writeFileSync(path, TEXT)
  const expected = await all(OneFile.open(path, 'a.log', OPTIONS))
  expect(expected).toHaveLength(90)
  expect(await all(OneFile.ofText(TEXT, 'a.log', 0, OPTIONS))).toEqual(expected)
})

test('reads up to the end that the file had when it was opened', async () => {
  const path = join(tempDir(), 'a.log')
  writeFileSync(path, 'one\ntwo\n')
  const file = OneFile.open(path, path, OPTIONS)
  appendFileSync(path, 'three\n')
  expect((await all(file)).map(({ text }) => text)).toEqual(['one', 'two'])
})

test.each([
  ['truncated_gzip', gzipSync(TEXT).subarray(0, -20)],
  ['corrupt_gzip', Buffer.concat([gzipSync('one\ntwo\n'), gzipSync(TEXT).fill(0xff, 20, 200)])],
  ['binary', Buffer.concat([Buffer.from('x'), Buffer.alloc(500)])],
  ['unsupported_compression', Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(500)])],
])('says what is wrong with a file: %s', async (kind, content) => {
  const path = join(tempDir(), 'a.log')
  writeFileSync(path, content)
  const file = OneFile.open(path, 'a.log', OPTIONS)
  await all(file)
  expect(file.problem).toMatchObject({ path: 'a.log', kind })
})

test('nothing in, nothing out', async () => {
  const path = join(tempDir(), 'a.log')
  writeFileSync(path, '')
  const file = OneFile.open(path, path, OPTIONS)
  expect([await all(file), file.problem]).toEqual([[], undefined])
  expect(await all(OneFile.ofText('', 'text', 0, OPTIONS))).toEqual([])
})

test('refuses what is not there or is no file', () => {
  const dir = tempDir()
  mkdirSync(join(dir, 'logs'))
  expect(() => OneFile.open(join(dir, 'none'), 'none', OPTIONS)).toThrow(/ENOENT/)
  expect(() => OneFile.open(join(dir, 'logs'), 'logs', OPTIONS)).toThrow(/not a regular file/)
})
