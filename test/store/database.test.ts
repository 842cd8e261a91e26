import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadCheckpoint, saveCheckpoints } from '../../src/store/checkpoints.ts'
import { asStateError, openDatabase, openReadOnly } from '../../src/store/database.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { tempDir } from '../support/temp.ts'
import { aDatabase } from './support.ts'

const DATABASE_MODULE = join(import.meta.dirname, '../../dist/src/store/database.js')

/** What the operator is told of an error of SQLite. */
function told(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return asStateError(error, '/state/oddline.db')
  }
}

test('a new database synchronises every commit, and holds its foreign keys', () => {
  const db = aDatabase(join(tempDir(), 'not/yet/there'))
  const pragmas = ['journal_mode', 'synchronous', 'foreign_keys'].map((name) => db.pragma(name, { simple: true }))
  expect(pragmas).toEqual(['wal', 2, 1])
})

describe('a database that cannot be used', () => {
  test.each([
    ['to write', openDatabase],
    ['to look', openReadOnly],
  ])('of a newer version is refused untouched, opened %s', (_, open) => {
    const dir = tempDir()
    const db = openDatabase(dir)
    db.pragma('user_version = 999')
    db.close()
    expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'STATE_TOO_NEW' }))
    const still = new BetterSqlite3(join(dir, 'oddline.db'))
    onTestFinished(() => {
      still.close()
    })
    expect(still.pragma('user_version', { simple: true })).toBe(999)
  })

  test.each([
    ['to write', openDatabase],
    ['to look', openReadOnly],
  ])('because it is damaged is said to be, opened %s', (_, open) => {
    const dir = tempDir()
    writeFileSync(join(dir, 'oddline.db'), 'no database at all '.repeat(100))
    expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }))
  })

  describe.each([
    ['to write', openDatabase],
    ['to look', openReadOnly],
  ])('opened %s', (_, open) => {
    test.each([
      ['a directory', (path: string) => mkdirSync(path)],
      ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
      ['a loop of links', (path: string) => symlinkSync(path, path)],
    ])('because %s is in its place is said to be inaccessible', (_what, make) => {
      const dir = tempDir()
      make(join(dir, 'oddline.db'))
      expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'STATE_INACCESSIBLE' }))
    })

    test.each([0, 2, MIGRATIONS.length])(
      'because it is of another program is untouched, with schema version %i',
      (version) => {
        const dir = tempDir()
        const other = new BetterSqlite3(join(dir, 'oddline.db'))
        other.exec('CREATE TABLE files (id); PRAGMA journal_mode = WAL')
        other.pragma(`user_version = ${version}`)
        expect(() => open(dir)).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }))
        expect(other.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['files'])
        other.close()
      },
    )

    test.skipIf(process.getuid?.() === undefined)('because it is of another user says so', async () => {
      const dir = tempDir()
      openDatabase(dir).close()
      const script = `
        const { openDatabase, openReadOnly } = await import(${JSON.stringify(DATABASE_MODULE)})
        try { ${open.name}(${JSON.stringify(dir)}) } catch (error) { console.log(error.code) }`
      chmodSync(dir, 0o000)
      onTestFinished(() => chmodSync(dir, 0o700))
      // root may read everything, so that another user has to try.
      const user = process.getuid!() === 0 ? { uid: 65_534, gid: 65_534 } : {}
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], user)
      expect(stdout).toBe('STATE_INACCESSIBLE\n')
    })
  })

  test('because it is not there is not made by looking for it', () => {
    const dir = tempDir()
    expect(() => openReadOnly(dir)).toThrow()
    expect(existsSync(join(dir, 'oddline.db'))).toBe(false)
  })

  test('because another connection writes it is said to be locked', () => {
    const dir = tempDir()
    const [writer, other] = [aDatabase(dir), aDatabase(dir)]
    writer.exec('BEGIN IMMEDIATE')
    other.pragma('busy_timeout = 0')
    expect(told(() => other.exec('BEGIN IMMEDIATE'))).toMatchObject({ code: 'STATE_BUSY' })
  })

  test('because the disk is full loses nothing of what was committed', () => {
    const db = aDatabase()
    saveCheckpoints(db, [{ name: 'a', value: Buffer.from('kept') }])
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
    const large = [
      { name: 'a', value: Buffer.from('new') },
      { name: 'b', value: Buffer.alloc(1 << 20) },
    ]
    expect(told(() => saveCheckpoints(db, large))).toMatchObject({ code: 'DISK_FULL' })
    expect(Buffer.from(loadCheckpoint(db, 'a')!).toString()).toBe('kept')
  })
})

test('looking at a database sees every commit of its writer, and writes nothing', () => {
  const dir = tempDir()
  const writer = aDatabase(dir)
  const reader = openReadOnly(dir)
  onTestFinished(() => {
    reader.close()
  })
  saveCheckpoints(writer, [{ name: 'a', value: Buffer.from('1') }])
  expect(loadCheckpoint(reader, 'a')).toEqual(Buffer.from('1'))
  expect(() => saveCheckpoints(reader, [{ name: 'a', value: Buffer.from('2') }])).toThrow(/readonly/)
})

test('checkpoints are saved all or none, the last one of a name counts', () => {
  const db = aDatabase()
  saveCheckpoints(db, [{ name: 'a', value: Buffer.from('1') }])
  saveCheckpoints(db, [{ name: 'a', value: Buffer.from('2') }])
  const broken = { name: 'b', value: null as unknown as Uint8Array }
  expect(() => saveCheckpoints(db, [{ name: 'a', value: Buffer.from('3') }, broken])).toThrow(/NOT NULL/)
  expect(loadCheckpoint(db, 'a')).toEqual(Buffer.from('2'))
  expect(loadCheckpoint(db, 'b')).toBeUndefined()
})
