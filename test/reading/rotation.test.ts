import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { Reader } from '../../src/reading/reader.ts'
import { optionsFor, Runs, temporaryDir } from './support.ts'

describe('a file that is rotated', () => {
  let dir: string
  let log: string
  let runs: Runs

  beforeEach(() => {
    dir = temporaryDir()
    log = join(dir, 'access.log')
    runs = new Runs(optionsFor(dir))
  })

  it('is read once when nothing happens to it', async () => {
    writeFileSync(log, 'one\ntwo\n')
    expect(await runs.texts()).toEqual(['one', 'two'])
    expect(await runs.texts()).toEqual([])
    appendFileSync(log, 'three\n')
    expect(await runs.texts()).toEqual(['three'])
  })

  it('is read on after several renames between two runs, the oldest file first', async () => {
    writeFileSync(log, 'one\ntwo\n')
    await runs.run()
    appendFileSync(log, 'three\n')
    renameSync(log, `${log}.1`)
    writeFileSync(log, 'four\n')
    renameSync(`${log}.1`, `${log}.2`)
    renameSync(log, `${log}.1`)
    writeFileSync(log, 'five\n')
    expect(await runs.texts()).toEqual(['three', 'four', 'five'])
  })

  it('is read once through copytruncate while no run looks', async () => {
    writeFileSync(log, 'one\ntwo\n')
    await runs.run()
    appendFileSync(log, 'three\n')
    copyFileSync(log, `${log}.1`)
    truncateSync(log, 0)
    appendFileSync(log, 'four\n')
    expect(await runs.texts()).toEqual(['three', 'four'])
  })

  it('is read once when a run falls between the copy and the truncation', async () => {
    writeFileSync(log, 'one\ntwo\n')
    copyFileSync(log, `${log}.1`)
    expect(await runs.texts()).toEqual(['one', 'two'])
    truncateSync(log, 0)
    appendFileSync(log, 'longer than it was before\n')
    expect(await runs.texts()).toEqual(['longer than it was before'])
    expect(await runs.texts()).toEqual([])
  })

  it('is read once as .log, then .1, then .2.gz, with half of it read at each', async () => {
    writeFileSync(log, 'one\ntwo\n')
    expect(await runs.texts()).toEqual(['one', 'two'])
    appendFileSync(log, 'three\n')
    renameSync(log, `${log}.1`)
    expect(await runs.texts()).toEqual(['three'])
    appendFileSync(`${log}.1`, 'four\n')
    writeFileSync(`${log}.2.gz`, gzipSync(readFileSync(`${log}.1`)))
    rmSync(`${log}.1`)
    expect(await runs.texts()).toEqual(['four'])
    expect(await runs.texts()).toEqual([])
  })

  it('is read on in another directory', async () => {
    writeFileSync(log, 'one\n')
    await runs.run()
    appendFileSync(log, 'two\n')
    mkdirSync(join(dir, 'old'))
    renameSync(log, join(dir, 'old', 'renamed'))
    writeFileSync(log, 'three\n')
    expect((await runs.texts()).sort()).toEqual(['three', 'two'])
  })

  it('is a new file when it was truncated and written longer', async () => {
    writeFileSync(log, 'one\ntwo\n')
    await runs.run()
    writeFileSync(log, 'three is longer than both\n')
    expect(await runs.texts()).toEqual(['three is longer than both'])
  })

  it.each([1, 200])('is not taken for a copy of the live file because both hold the same %i lines', async (count) => {
    writeFileSync(log, 'started\n'.repeat(count))
    renameSync(log, `${log}.1`)
    await untilLaterThan(`${log}.1`, log)
    writeFileSync(log, 'started\n'.repeat(count))
    expect(await runs.texts()).toHaveLength(2 * count)
  })

  it.each([
    ['short', ''],
    ['long', 'a line of some length\n'.repeat(100)],
  ])('is read once when its %s copy was compressed after lines were read that it does not have', async (_, begin) => {
    writeFileSync(log, `${begin}one\ntwo\n`)
    copyFileSync(log, `${log}.1`)
    expect((await runs.texts()).slice(-2)).toEqual(['one', 'two'])
    appendFileSync(log, 'three\n')
    expect(await runs.texts()).toEqual(['three'])
    truncateSync(log, 0)
    writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(`${log}.1`)))
    rmSync(`${log}.1`)
    appendFileSync(log, 'four\n')
    expect(await runs.texts()).toEqual(['four'])
  })

  it('gives no half line of a copy that was half-made, though a new log that begins alike took its place', async () => {
    const banner = '# the same beginning\n'.repeat(10)
    writeFileSync(log, banner)
    await runs.run()
    writeFileSync(`${log}.1`, banner.slice(0, 110))
    expect(await runs.texts()).toEqual([])
    writeFileSync(`${log}.2.gz`, gzipSync(banner))
    rmSync(`${log}.1`)
    rmSync(log)
    await untilLaterThan(`${log}.2.gz`, `${log}.probe`)
    writeFileSync(log, `${banner}one\n`)
    expect(await runs.texts()).toEqual(['one'])
  })

  it('is known from its half-made copy, though that begins like all of another log that just went', async () => {
    const banner = '# the same beginning\n'.repeat(10)
    const other = join(dir, 'error.log')
    writeFileSync(log, `${banner}one\ntwo\n`)
    writeFileSync(other, banner)
    await runs.run()
    writeFileSync(`${log}.1`, `${banner}one\n`)
    copyFileSync(other, `${other}.1`)
    truncateSync(other, 0)
    expect(await runs.texts()).toEqual([])
    appendFileSync(`${log}.1`, 'two\n')
    truncateSync(log, 0)
    expect(await runs.texts()).toEqual([])
  })

  it('is read once when it was recreated and is being copied while a log that begins alike is emptied', async () => {
    const banner = '# the same beginning\n'.repeat(10)
    writeFileSync(log, banner)
    writeFileSync(join(dir, 'error.log'), banner)
    await runs.run()
    rmSync(log)
    writeFileSync(log, `${banner}one\ntwo\n`)
    writeFileSync(`${log}.1`, `${banner}one\n`)
    truncateSync(join(dir, 'error.log'), 0)
    expect(await runs.texts()).toEqual(['one', 'two'])
  })

  it('is read from its copy when it was truncated unread and began anew with the same lines', async () => {
    const banner = '# the same beginning\n'.repeat(100)
    writeFileSync(log, banner)
    await runs.run()
    appendFileSync(log, 'one\n')
    copyFileSync(log, `${log}.1`)
    const reader = new Reader(runs.options, runs.stored)
    await reader.discover()
    runs.save(reader)
    await reader.close()
    writeFileSync(log, `${banner}two\n`)
    expect(await runs.texts()).toEqual(['one', 'two'])
  })

  it('is read from its copy when it went before a run that saw both could read it', async () => {
    writeFileSync(log, `one\ntwo\n`)
    copyFileSync(log, `${log}.1`)
    appendFileSync(log, 'three\n')
    const reader = new Reader(runs.options, [])
    await reader.discover()
    runs.save(reader)
    await reader.close()
    rmSync(log)
    expect(await runs.texts()).toEqual(['one', 'two'])
  })

  it('is read on when it was copied and only then grew apart from its copy', async () => {
    writeFileSync(log, 'one\n')
    copyFileSync(log, `${log}.1`)
    expect(await runs.texts()).toEqual(['one'])
    appendFileSync(`${log}.1`, 'two\n')
    appendFileSync(log, 'three\n')
    expect(await runs.texts()).toEqual(['two', 'three'])
  })
})

/** Waits until a file made at `probe` is younger than the one at `path`, by the clock of the file system. */
async function untilLaterThan(path: string, probe: string): Promise<void> {
  const born = (name: string) => statSync(name, { bigint: true }).birthtimeNs
  for (;;) {
    writeFileSync(probe, '')
    if (born(probe) > born(path)) return
    rmSync(probe)
    await nextTurn()
  }
}
