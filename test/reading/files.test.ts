import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Reader } from '../../src/reading/reader.ts'
import { openDatabase } from '../../src/store/database.ts'
import { forgetGone, loadOffsets, saveOffsets } from '../../src/store/offsets.ts'
import { optionsFor, Runs, temporaryDir } from './support.ts'

describe('many files', () => {
  let dir: string
  let runs: Runs

  beforeEach(() => {
    dir = temporaryDir()
    runs = new Runs(optionsFor(dir))
  })

  async function order(reader: Reader): Promise<string[]> {
    await reader.discover()
    const paths: string[] = []
    for (let read = await reader.next(); read !== undefined; read = await reader.next()) {
      paths.push(read.block.source.path.slice(dir.length + 1))
    }
    return paths
  }

  it('reads a rotated set from the oldest file to the live one', async () => {
    for (const name of ['a.log', 'a.log.10', 'a.log.2', 'a.log.1', 'b.log-20260102', 'b.log-20260101', 'b.log']) {
      writeFileSync(join(dir, name), `${name}\n`)
    }
    const texts = await runs.texts()
    expect(texts.filter((text) => text.startsWith('a'))).toEqual(['a.log.10', 'a.log.2', 'a.log.1', 'a.log'])
    expect(texts.filter((text) => text.startsWith('b'))).toEqual(['b.log-20260101', 'b.log-20260102', 'b.log'])
  })

  it('gives a small file its turn beside a huge one', async () => {
    writeFileSync(join(dir, 'huge.log'), 'x'.repeat(99).concat('\n').repeat(200))
    writeFileSync(join(dir, 'small.log'), 'x'.repeat(99).concat('\n').repeat(8))
    const paths = await order(new Reader(optionsFor(dir, { maxRecordBytes: 100, chunkBytes: 400 }), []))
    expect(paths.lastIndexOf('small.log')).toBeLessThan(5)
    expect(paths).toHaveLength(52)
  })

  it('goes on after an interruption in the order and with the blocks of a run that was not interrupted', async () => {
    for (const name of ['a.log.1', 'a.log', 'b.log', 'c.log', 'd.log']) {
      writeFileSync(join(dir, name), Array.from({ length: 40 }, (_, i) => `${name} ${'x'.repeat(i)}\n`).join(''))
    }
    const options = optionsFor(dir, { maxRecordBytes: 100, chunkBytes: 400, maxOpenFiles: 2 })
    const blocks = async (reader: Reader, most: number) => {
      const seen: string[] = []
      await reader.discover()
      while (seen.length < most) {
        const read = await reader.next()
        if (read === undefined) break
        const { source, offsets, endOffset, lines } = read.block
        seen.push(`${source.id} ${source.path} ${offsets[0]} ${endOffset} ${lines[0]}`)
      }
      return seen
    }
    const whole = await blocks(new Reader(options, []), Number.POSITIVE_INFINITY)
    const resumed = new Runs(options)
    const parts: string[] = []
    for (let most = 1; ; most++) {
      const reader = new Reader(options, resumed.stored)
      const part = await blocks(reader, most)
      resumed.save(reader)
      await reader.close()
      if (part.length === 0) break
      parts.push(...part)
    }
    expect(parts).toEqual(whole)
    expect(whole.length).toBeGreaterThan(10)
  })

  it('reads a file once that has several names, and follows a link to the next file', async () => {
    writeFileSync(join(dir, 'app-1.log'), 'one\n')
    symlinkSync('app-1.log', join(dir, 'current.log'))
    expect(await runs.texts()).toEqual(['one'])
    appendFileSync(join(dir, 'app-1.log'), 'two\n')
    writeFileSync(join(dir, 'app-2.log'), 'three\n')
    rmSync(join(dir, 'current.log'))
    symlinkSync('app-2.log', join(dir, 'current.log'))
    expect((await runs.texts()).sort()).toEqual(['three', 'two'])
    expect(await runs.texts()).toEqual([])
  })

  it('knows files of one byte, and files that begin alike, apart', async () => {
    const banner = '# the same beginning\n'.repeat(100)
    writeFileSync(join(dir, 'a.log'), '\n')
    writeFileSync(join(dir, 'b.log'), '\n')
    writeFileSync(join(dir, 'c.log'), `${banner}c\n`)
    writeFileSync(join(dir, 'd.log'), `${banner}d\n`)
    expect(await runs.texts()).toHaveLength(204)
    appendFileSync(join(dir, 'd.log'), 'more\n')
    expect(await runs.texts()).toEqual(['more'])
  })

  it('takes a new file that was given the inode of a deleted one for what it is', async () => {
    writeFileSync(join(dir, 'a.log'), 'one\n')
    await runs.run()
    const inode = runs.stored[0].inode
    rmSync(join(dir, 'a.log'))
    writeFileSync(join(dir, 'b.log'), 'two\nthree\n')
    runs.stored = runs.stored.map((row) => ({ ...row, inode }))
    expect(await runs.texts()).toEqual(['two', 'three'])
  })

  it('tells a file from a deleted one that had its inode and its beginning', async () => {
    const banner = '# the same beginning\n'.repeat(10)
    writeFileSync(join(dir, 'a.log'), banner)
    writeFileSync(join(dir, 'b.log'), `${banner}one\n`)
    await runs.run()
    rmSync(join(dir, 'a.log'))
    copyFileSync(join(dir, 'b.log'), join(dir, 'b.log.1'))
    truncateSync(join(dir, 'b.log'))
    const { dev, ino } = statSync(join(dir, 'b.log.1'), { bigint: true })
    runs.stored = runs.stored.map((row) =>
      row.path.endsWith('a.log') ? { ...row, inode: row.inode.replace(/^\d+:\d+/, `${dev}:${ino}`) } : row,
    )
    expect(await runs.texts()).toEqual([])
  })

  it('remembers a directory that vanishes and comes back', async () => {
    mkdirSync(join(dir, 'mount'))
    writeFileSync(join(dir, 'mount', 'a.log'), 'one\n')
    await runs.run()
    const away = temporaryDir()
    renameSync(join(dir, 'mount'), join(away, 'mount'))
    expect(await runs.texts()).toEqual([])
    expect(runs.stored[0].goneAt).toBeTypeOf('number')
    renameSync(join(away, 'mount'), join(dir, 'mount'))
    appendFileSync(join(dir, 'mount', 'a.log'), 'two\n')
    expect(await runs.texts()).toEqual(['two'])
    expect(runs.stored[0].goneAt).toBeUndefined()
  })

  it('reports what cannot be read and reads the rest', async () => {
    symlinkSync('loop.log', join(dir, 'loop.log'))
    writeFileSync(join(dir, 'a.log'), 'one\n')
    const reader = new Reader(runs.options, [])
    const discovery = await reader.discover()
    expect(discovery.problems).toMatchObject([{ kind: 'unreadable', path: join(dir, 'loop.log') }])
    expect((await reader.next())?.block.count).toBe(1)
  })

  it('says once that a file may not be read, also if it looks like a copy', async () => {
    const paths = ['a.log', 'a.log.1'].map((name) => join(dir, name))
    for (const path of paths) writeFileSync(path, 'one\n', { mode: 0o000 })
    chmodSync(dir, 0o755)
    const reader = new Reader(runs.options, [])
    await unprivileged(async () => {
      await reader.discover()
      expect(await reader.next()).toBeUndefined()
    })
    expect(reader.problems().map(({ kind, path }) => [kind, path])).toEqual(paths.map((path) => ['unreadable', path]))
  })

  it('keeps its place in a file that may not be read for a while, and says so', async () => {
    const path = join(dir, 'a.log')
    writeFileSync(path, 'one\n')
    expect(await runs.texts()).toEqual(['one'])
    writeFileSync(path, 'one\ntwo\n')
    chmodSync(path, 0o000)
    chmodSync(dir, 0o755)
    const reader = new Reader(runs.options, runs.stored)
    await unprivileged(async () => {
      expect((await reader.discover()).problems).toMatchObject([{ kind: 'unreadable', path }])
      expect(await reader.next()).toBeUndefined()
    })
    runs.save(reader)
    chmodSync(path, 0o644)
    expect(await runs.texts()).toEqual(['two'])
  })

  it('reads only what the patterns ask for', async () => {
    mkdirSync(join(dir, 'deep', 'er'), { recursive: true })
    writeFileSync(join(dir, 'deep', 'er', 'a.log'), 'one\n')
    writeFileSync(join(dir, 'deep', 'a.txt'), 'two\n')
    writeFileSync(join(dir, 'debug.log'), 'three\n')
    expect(await new Runs(optionsFor(dir, { include: ['**/*.log'], exclude: ['**/debug.log'] })).texts()).toEqual([
      'one',
    ])
  })

  it('does not open files again that were left alone since all of them was read', async () => {
    const path = join(dir, 'a.log')
    writeFileSync(path, 'one\n')
    const later = new Runs(optionsFor(dir, { clock: { now: () => Date.now() + 10_000 } }))
    await later.run()
    expect(later.stored[0].signature).not.toBe('')
    const reader = new Reader(later.options, later.stored)
    expect(await reader.discover()).toMatchObject({ files: 1, toRead: 0 })
    expect(reader.moved()).toEqual([])
    utimesSync(path, new Date(), new Date())
    appendFileSync(path, 'two\n')
    expect(await later.texts()).toEqual(['two'])
  })

  it('reads 10,000 files with few of them open', async () => {
    for (let i = 0; i < 10_000; i++) writeFileSync(join(dir, `host-${i}x.log`), `line of ${i}\n`)
    const few = new Runs(optionsFor(dir, { maxOpenFiles: 16 }))
    const reader = new Reader(few.options, [])
    await reader.discover()
    const before = openDescriptors()
    const seen = new Set<string>()
    let most = 0
    for (let read = await reader.next(); read !== undefined; read = await reader.next()) {
      seen.add(read.block.bytes.toString('utf8', read.block.starts[0], read.block.ends[0]))
      if (seen.size % 500 === 0) most = Math.max(most, openDescriptors() - before)
    }
    few.save(reader)
    expect(seen.size).toBe(10_000)
    expect(most).toBeLessThanOrEqual(16)
    expect(await few.texts()).toEqual([])
  }, 60_000)
})

/** Of this process; none can be told where there is no such directory. */
function openDescriptors(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0
}

/** Without the right of root to read everything. */
async function unprivileged(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.('nobody')
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('stored positions', () => {
  it('come back from the database as they were saved', async () => {
    const dir = temporaryDir()
    writeFileSync(join(dir, 'a.log'), 'one\ntwo')
    const db = openDatabase(temporaryDir())
    const reader = new Reader(optionsFor(dir), [])
    await reader.discover()
    await reader.next()
    await reader.next()
    const moved = reader.moved()
    saveOffsets(db, moved)
    saveOffsets(db, moved)
    expect(loadOffsets(db)).toEqual(moved)
    db.close()
  })

  it('are forgotten when their file is long gone, except the newest', async () => {
    const dir = temporaryDir()
    const runs = new Runs(optionsFor(dir))
    for (const name of ['a.log', 'b.log', 'c.log']) writeFileSync(join(dir, name), `${name}\n`)
    await runs.run()
    rmSync(join(dir, 'a.log'))
    rmSync(join(dir, 'c.log'))
    await runs.run()
    const db = openDatabase(temporaryDir())
    saveOffsets(db, runs.stored)
    expect(forgetGone(db, Date.now() + 1_000)).toBe(1)
    expect(loadOffsets(db).map((row) => row.id)).toEqual([2, 3])
    db.close()
  })
})
