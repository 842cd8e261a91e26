import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileLags } from '../../src/queries/lag.ts'
import { Reader } from '../../src/reading/reader.ts'
import { loadOffsets, saveOffsets } from '../../src/store/offsets.ts'
import { makeState, type TestState } from '../faces/support/state.ts'
import { drain, optionsFor } from '../reading/support.ts'

describe('how far reading is behind', () => {
  let state: TestState
  let log: string
  beforeEach(() => {
    state = makeState()
    mkdirSync(join(state.dir, 'log'))
    log = join(state.dir, 'log', 'access.log')
  })
  afterEach(() => state.remove())

  async function read(): Promise<void> {
    const reader = new Reader(optionsFor(join(state.dir, 'log')), loadOffsets(state.db))
    await drain(reader)
    saveOffsets(state.db, reader.moved())
    await reader.close()
  }

  it('counts what was written since, in bytes and in time since the last that was read', async () => {
    writeFileSync(log, 'one\n')
    await read()
    const readAt = Math.trunc(statSync(log).mtimeMs)
    expect(fileLags(state.db, readAt + 60_000, 10)).toEqual([{ path: log, bytes: 0, seconds: 0 }])
    appendFileSync(log, 'two\nthr')
    expect(fileLags(state.db, readAt + 60_000, 10)).toEqual([{ path: log, bytes: 7, seconds: 60 }])
  })

  it('names the furthest behind first, and forgets files that are gone', async () => {
    const other = join(state.dir, 'log', 'error.log')
    for (const path of [log, other]) writeFileSync(path, 'one\n')
    await read()
    appendFileSync(other, 'x'.repeat(99))
    expect(fileLags(state.db, Date.now(), 1)).toMatchObject([{ path: other, bytes: 99 }])
    rmSync(other)
    renameSync(log, `${log}.1`)
    await read()
    expect(fileLags(state.db, Date.now(), 10)).toMatchObject([{ path: `${log}.1`, bytes: 0 }])
  })
})
