import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ConfigSchema } from '../../../src/config/schema.ts'
import { BlockMemory } from '../../../src/core/columns/block-memory.ts'
import type { StoredFile } from '../../../src/core/files/stored-file.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { type BlockSource, ParsingSource } from '../../../src/pipeline/source/block-source.ts'
import { openReader } from '../../../src/pipeline/source/open-reader.ts'
import { openSource } from '../../../src/pipeline/source/open-source.ts'
import { ordinaryLines } from '../../support/access-lines.ts'
import { tempDir } from '../../support/temp.ts'

const BUILT = join(import.meta.dirname, '../../../dist/src/pipeline/source/reading-client.js')

function settingsOf(files: Readonly<Record<string, string | Buffer>>) {
  const dir = join(tempDir(), 'logs')
  mkdirSync(dir)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return { dir, logs: ConfigSchema.parse({ logs: { dir, settle_seconds: 0 } }).logs }
}

/** Everything that a source gives, in plain values. */
async function drain(source: BlockSource<StoredFile>, memory = new BlockMemory()) {
  const { files } = await source.discover()
  const blocks: object[] = []
  const moved = new Map<number, number>()
  const move = (rows: readonly StoredFile[]) => {
    for (const { id, position } of rows) moved.set(id, position)
  }
  for (let read = await source.next(); read; read = await source.next()) {
    const { moved: rows, ...account } = read.account
    move(rows)
    const raw = Array.from({ length: read.events.count }, (_, i) => read.events.raw.at(i))
    blocks.push({ account, raw, time: [...read.events.time] })
    memory.release(read.events)
  }
  move(source.moved())
  const problems = source.problems()
  await source.close()
  return { files, blocks, moved, problems }
}

const FILES = {
  'access.log': `${ordinaryLines(9000)}no line of a log\n\n`,
  'other.log': ordinaryLines(300, 5000),
  'damaged.log.gz': gzipSync(ordinaryLines(50)).subarray(0, -20),
}

test('every record is counted once, as parsed, rejected or skipped', async () => {
  const settings = settingsOf(FILES)
  const { blocks, moved } = await drain(new ParsingSource(openReader(settings, []), createParser()))
  const sum = { lines: 0, parsed: 0, rejected: 0, skipped: 0, truncated: 0 }
  for (const { account } of blocks as { account: { counts: typeof sum } }[])
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += account.counts[key]
  expect(sum).toEqual({ lines: 9351, parsed: 9349, rejected: 1, skipped: 1, truncated: 0 })
  expect([...moved.values()]).toEqual(expect.arrayContaining([FILES['access.log'].length]))
})

test('a little is read on the calling thread, from where it was stored', async () => {
  const settings = settingsOf({ 'access.log': ordinaryLines(10) })
  const reader = openReader(settings, [])
  await reader.discover()
  await reader.next()
  const stored = reader.moved()
  await reader.close()
  appendFileSync(join(settings.dir, 'access.log'), ordinaryLines(3, 10))
  const meanwhile = () => {
    throw new Error('No thread is started for this.')
  }
  const { source, files } = await openSource(settings, stored, createParser(), new BlockMemory(), meanwhile)
  expect(files).toBe(1)
  expect(source).toBeInstanceOf(ParsingSource)
  expect((await source.next())?.events.count).toBe(3)
  await source.close()
})

describe.skipIf(!existsSync(BUILT))('reading on a thread of its own (skipped where it is not built)', () => {
  const load = async () =>
    (await import(pathToFileURL(BUILT).href)) as typeof import('../../../src/pipeline/source/reading-client.ts')

  test('gives what reading here gives, block for block', async () => {
    const { ReadingClient } = await load()
    const settings = settingsOf(FILES)
    const here = await drain(new ParsingSource(openReader(settings, []), createParser()))
    const memory = new BlockMemory()
    const there = await drain(new ReadingClient({ logs: settings.logs, stored: [] }, memory), memory)
    expect(there).toEqual(here)
    expect(here.blocks.length).toBeGreaterThan(2)
    expect(here.problems).toHaveLength(1)
  })

  test('ends when it is closed with blocks read ahead that nobody asked for', async () => {
    const { ReadingClient } = await load()
    const source = new ReadingClient({ ...settingsOf(FILES), stored: [] }, new BlockMemory())
    await source.discover()
    expect((await source.next())?.events.count).toBeGreaterThan(0)
    await source.close()
    await expect(source.next().then(() => source.next())).resolves.toBeDefined()
    await expect(source.discover()).rejects.toMatchObject({ code: 'STATE_BUSY' })
  })
})
