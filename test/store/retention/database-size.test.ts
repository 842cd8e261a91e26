import { statSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/database.ts'
import { MIGRATIONS } from '../../../src/store/migrations.ts'
import { databaseSize, makeShrinkable, shrink } from '../../../src/store/retention/database-size.ts'
import { tempDir } from '../../support/temp.ts'
import { aDatabase } from '../support.ts'

const MB = 1_000_000
const fill = (db: BetterSqlite3.Database) => db.exec(`INSERT INTO checkpoints VALUES ('large', zeroblob(${20 * MB}))`)

test('a database gives the space of removed rows back to the disk, a little at a time', () => {
  const dir = tempDir()
  const db = aDatabase(dir)
  fill(db)
  expect(databaseSize(db).used).toBeGreaterThan(20 * MB)
  expect(shrink(db)).toBe(false)
  db.exec('DELETE FROM checkpoints')
  const { used, free } = databaseSize(db)
  expect([used < MB, free > 20 * MB]).toEqual([true, true])
  let steps = 0
  while (shrink(db)) steps++
  expect(steps).toBeGreaterThan(10)
  expect(databaseSize(db).free).toBeLessThan(5 * MB)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  expect(statSync(join(dir, 'oddline.db')).size).toBeLessThan(5 * MB)
})

test('a database of an earlier version learns to do so, and keeps its rows', () => {
  const dir = tempDir()
  const old = new BetterSqlite3(join(dir, 'oddline.db'))
  old.pragma('journal_mode = WAL')
  for (const { sql } of MIGRATIONS.slice(0, 1)) old.exec(sql)
  old.pragma('user_version = 1')
  fill(old)
  old.exec('DELETE FROM checkpoints')
  old.exec(`INSERT INTO checkpoints VALUES ('kept', x'01')`)
  old.close()
  const db = openDatabase(dir)
  expect(shrink(db)).toBe(false)
  makeShrinkable(db, dir)
  expect(db.prepare('SELECT name FROM checkpoints').pluck().all()).toEqual(['kept'])
  expect([db.pragma('auto_vacuum', { simple: true }), db.pragma('journal_mode', { simple: true })]).toEqual([2, 'wal'])
  expect(databaseSize(db).free).toBe(0)
  db.close()
})
