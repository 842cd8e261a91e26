import { createHash } from 'node:crypto'
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { RECORD_HOLE, RECORD_TRUNCATED } from '../../src/core/columns/block.ts'
import { sniff } from '../../src/parsing/sniff.ts'
import { Reader } from '../../src/reading/reader.ts'
import { drain, optionsFor, Runs, temporaryDir } from './support.ts'

describe('what a file may hold', () => {
  let dir: string
  let log: string
  let runs: Runs

  beforeEach(() => {
    dir = temporaryDir()
    log = join(dir, 'app.log')
    runs = new Runs(optionsFor(dir))
  })

  it('keeps a partial last line until it is completed', async () => {
    writeFileSync(log, 'one\ntw')
    expect(await runs.texts()).toEqual(['one'])
    appendFileSync(log, 'o\nthree\n')
    expect(await runs.texts()).toEqual(['two', 'three'])
  })

  it('takes an unterminated last line as whole once the file was left alone for long enough', async () => {
    writeFileSync(log, 'one\ntwo')
    const patient = new Runs(optionsFor(dir, { settleMs: 60_000, clock: { now: () => Date.now() + 59_000 } }))
    expect(await patient.texts()).toEqual(['one'])
    const later = new Runs(optionsFor(dir, { settleMs: 60_000, clock: { now: () => Date.now() + 61_000 } }))
    later.stored = patient.stored
    expect(await later.texts()).toEqual(['two'])
    expect(await later.texts()).toEqual([])
  })

  it('takes CRLF off, keeps empty lines, and counts lines and offsets', async () => {
    writeFileSync(log, 'one\r\n\r\nthree\n')
    const seen = await runs.run()
    expect(seen.map(({ text, line, offset }) => [text, line, offset])).toEqual([
      ['one', 1, 0],
      ['', 2, 5],
      ['three', 3, 7],
    ])
    appendFileSync(log, 'four\n')
    expect(await runs.run()).toMatchObject([{ text: 'four', line: 4, offset: 13 }])
  })

  it('keeps NULs within a line and invalid UTF-8, and leaves out NULs before a line', async () => {
    writeFileSync(log, Buffer.concat([Buffer.from('\0\0\0a\0b\n'), Buffer.from([0x63, 0xff, 0x0a])]))
    expect(await runs.texts()).toEqual(['a\0b', 'c\ufffd'])
  })

  it('goes on behind the hole of a writer that keeps its position when the file is truncated', async () => {
    writeFileSync(log, 'one\n')
    await runs.run()
    truncateSync(log, 0)
    truncateSync(log, 3_000_000)
    appendFileSync(log, 'two\n')
    const seen = await new Runs(
      optionsFor(dir, { sniff: () => ({ format: 'plain', framing: 'lines', context: '' }) }),
    ).run()
    expect(seen).toMatchObject([
      { flags: RECORD_HOLE, line: 1, offset: 0 },
      { text: 'two', line: 1, offset: 3_000_000 },
    ])
  })

  it('ends a line at a hole, as a power failure leaves, and begins a new one behind it', async () => {
    const options = optionsFor(dir, { maxRecordBytes: 100, chunkBytes: 400, sniff })
    writeFileSync(log, `one\nhalf of a li${'\0'.repeat(4096)}three\nfour${'\0'.repeat(31)}\n${'\0'.repeat(32)}`)
    const cut = new Runs(options)
    const seen = await cut.run()
    appendFileSync(log, `${'\0'.repeat(500)}five\n`)
    seen.push(...(await cut.run()))
    const shown = seen.map(({ text, line, flags }) => [flags === RECORD_HOLE ? 'hole' : text, line])
    expect(shown).toEqual([
      ['one', 1],
      ['half of a li', 2],
      ['hole', 2],
      ['three', 2],
      [`four${'\0'.repeat(31)}`, 3],
      ['hole', 4],
      ['five', 4],
    ])
  })

  it('reads a log that begins with more NULs than text', async () => {
    const big = new Runs(optionsFor(dir, { maxRecordBytes: 100, chunkBytes: 400, sniff }))
    writeFileSync(log, `a,b\n${'\0'.repeat(5000)}`)
    writeFileSync(join(dir, 'logins.csv'), `${'\0'.repeat(5000)}timestamp,user,message\n1,"amy\nx",y\n`)
    const texts = (await big.run()).filter(({ flags }) => flags !== RECORD_HOLE).map(({ text }) => text)
    expect(texts).toEqual(['a,b', 'timestamp,user,message', '1,"amy\nx",y'])
  })

  it('takes a byte order mark for what it is', async () => {
    writeFileSync(log, '\ufeffone\ntwo\n')
    expect((await runs.run()).map(({ text, offset }) => [text, offset])).toEqual([
      ['one', 3],
      ['two', 7],
    ])
  })

  it.each([
    ['little', 'utf16le'],
    ['big', 'utf16be'],
  ])('reads UTF-16 of %s endian, also on from the middle', async (_, encoding) => {
    const encode = (text: string) => {
      const bytes = Buffer.from(text, 'utf16le')
      return encoding === 'utf16be' ? bytes.swap16() : bytes
    }
    writeFileSync(log, encode('\ufeffgrün\n\u{1f600} smile\nha'))
    expect(await runs.texts()).toEqual(['grün', '\u{1f600} smile'])
    appendFileSync(log, encode('lf\n'))
    expect(await runs.texts()).toEqual(['half'])
  })

  it('cuts a line over the limit, says so, counts it once, and goes on behind it', async () => {
    const small = new Runs(optionsFor(dir, { maxRecordBytes: 100, chunkBytes: 400 }))
    writeFileSync(log, `one\n${'x'.repeat(10_000)}`)
    expect((await small.run()).map(({ text, flags }) => [text.length, flags])).toEqual([
      [3, 0],
      [100, RECORD_TRUNCATED],
    ])
    appendFileSync(log, `${'x'.repeat(10_000)}\nthree\n`)
    expect(await small.run()).toMatchObject([{ text: 'three', line: 3, flags: 0 }])
  })

  it('gives the elements of a JSON array, on one line or over many', async () => {
    const json = join(dir, 'events.json')
    writeFileSync(json, '[{"a":1},\n {"a":"}\\",]",\n  "b":[1,2]},')
    expect(await runs.texts()).toEqual(['{"a":1}', '{"a":"}\\",]",\n  "b":[1,2]}'])
    appendFileSync(json, '\n{"a":')
    expect(await runs.texts()).toEqual([])
    appendFileSync(json, '3}]\n')
    expect(await runs.run()).toMatchObject([{ text: '{"a":3}', line: 4 }])
  })

  it('skips the rest of an element over the limit, however long', async () => {
    const small = new Runs(optionsFor(dir, { maxRecordBytes: 50, chunkBytes: 200 }))
    writeFileSync(join(dir, 'events.json'), `[{"a":"${'{'.repeat(5_000)}"},{"b":2}]`)
    const seen = await small.run()
    expect(seen.map(({ text, flags }) => [text.length, flags])).toEqual([
      [50, RECORD_TRUNCATED],
      [7, 0],
    ])
  })

  it('keeps a CSV row with newlines in quotes together', async () => {
    writeFileSync(join(dir, 'logins.csv'), 'user,note\r\nann,"two\nlines, ""quoted"""\nbob,a "stray quote\n')
    expect((await runs.run()).map(({ text, line }) => [text, line])).toEqual([
      ['user,note', 1],
      ['ann,"two\nlines, ""quoted"""', 2],
      ['bob,a "stray quote', 4],
    ])
  })

  it('loses no more than one row to a quote that is never closed', async () => {
    const small = new Runs(optionsFor(dir, { maxRecordBytes: 50, chunkBytes: 200 }))
    const rows = Array.from({ length: 50 }, (_, i) => `row,${i}`)
    writeFileSync(join(dir, 'logins.csv'), `a,"open\n${rows.join('\n')}\n`)
    const texts = await small.texts()
    expect(texts[0]).toHaveLength(50)
    expect(texts.slice(1)).toEqual(rows.slice(50 - texts.length + 1))
    expect(texts.length).toBeGreaterThan(35)
  })

  it('reads every member of a gzip file, and what is added to it later', async () => {
    const packed = `${log}.1.gz`
    writeFileSync(packed, Buffer.concat([gzipSync('one\ntwo\n'), gzipSync('three\n')]))
    expect(await runs.texts()).toEqual(['one', 'two', 'three'])
    appendFileSync(packed, gzipSync('four\n'))
    expect(await runs.texts()).toEqual(['four'])
    expect(await runs.texts()).toEqual([])
  })

  it('reads a gzip file as it grows', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `line ${i} ${Math.sin(i)}`)
    const packed = gzipSync(`${lines.join('\n')}\n`)
    const path = `${log}.1.gz`
    writeFileSync(path, packed.subarray(0, packed.length >> 1))
    const first = await runs.texts()
    expect(first.length).toBeGreaterThan(1_000)
    appendFileSync(path, packed.subarray(packed.length >> 1))
    expect([...first, ...(await runs.texts())]).toEqual(lines)
  })

  it('reads a damaged gzip file up to the damage, once, and says so', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} ${Math.sin(i)}`)
    const packed = gzipSync(`${lines.join('\n')}\n`)
    packed.fill(createHash('sha512').update('noise').digest(), packed.length >> 1)
    writeFileSync(`${log}.1.gz`, packed)
    const reader = new Reader(runs.options, [])
    await reader.discover()
    let count = 0
    for (let read = await reader.next(); read !== undefined; read = await reader.next()) count += read.block.count
    expect(count).toBeGreaterThan(14_000)
    expect(reader.problems()).toMatchObject([{ kind: 'corrupt_gzip' }])
    runs.save(reader)
    expect(await runs.texts()).toEqual([])
  })

  it('says that a gzip file breaks off once nothing more comes', async () => {
    const packed = gzipSync('one\ntwo\n'.repeat(1_000))
    writeFileSync(`${log}.1.gz`, packed.subarray(0, packed.length - 4))
    const reader = new Reader(optionsFor(dir, { settleMs: -1_000 }), [])
    await reader.discover()
    for (let read = await reader.next(); read !== undefined; read = await reader.next());
    expect(reader.problems()).toMatchObject([{ kind: 'truncated_gzip' }])
  })

  it('holds no more of a line of 300 MB in a small gzip file than of any other', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const member = gzipSync(piece)
    writeFileSync(`${log}.1.gz`, Buffer.concat([...Array(300).fill(member), gzipSync('\nnext\n')]))
    const before = process.memoryUsage.rss()
    const seen = await runs.run()
    expect(seen.map(({ text, flags }) => [text.length, flags])).toEqual([
      [65_536, RECORD_TRUNCATED],
      [4, 0],
    ])
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024)
  })

  it('says once that a file is no log, also when it changes, is replaced, or grows', async () => {
    const wtmp = (user: string) => {
      const record = Buffer.alloc(384)
      record.writeUInt32LE(7, 0)
      record.write('pts/0', 8)
      record.write(user, 44)
      record.write('192.0.2.1', 76)
      return record
    }
    const path = join(dir, 'wtmp')
    const real = new Runs(optionsFor(dir, { sniff }))
    const told = async () => {
      const reader = new Reader(real.options, real.stored)
      expect(await drain(reader)).toEqual([])
      real.save(reader)
      return reader.problems().map(({ kind, detail }) => `${kind}: ${detail}`)
    }
    writeFileSync(path, wtmp('ann'))
    expect(await told()).toEqual([expect.stringMatching(/^binary: .*logins/)])
    expect(await told()).toEqual([])
    appendFileSync(path, wtmp('bob'))
    expect(await told()).toEqual([])
    writeFileSync(path, wtmp('eve'))
    expect(await told()).toEqual([])
  })

  it('leaves binary files and foreign compression alone, says so, and looks again when they change', async () => {
    writeFileSync(log, Buffer.alloc(600, Buffer.from([1, 0, 0, 7, 9, 0])))
    const reader = new Reader(runs.options, [])
    await reader.discover()
    expect(await reader.next()).toBeUndefined()
    expect(reader.problems()).toMatchObject([{ kind: 'binary' }])
    runs.save(reader)
    writeFileSync(log, 'text\n')
    expect(await runs.texts()).toEqual(['text'])
  })

  it('finds no fault with an empty file', async () => {
    writeFileSync(log, '')
    const reader = new Reader(runs.options, [])
    expect(await reader.discover()).toMatchObject({ files: 0, toRead: 0, problems: [] })
    expect(await reader.next()).toBeUndefined()
  })
})
