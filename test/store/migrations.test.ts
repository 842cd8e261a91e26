import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openReadOnly } from '../../src/store/database.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { aFinding } from '../support/blocks/findings.ts'
import { tempDir } from '../support/temp.ts'
import { aDatabase } from './support.ts'

const DATABASE_MODULE = join(import.meta.dirname, '../../dist/src/store/database.js')

/** Opens a database with no migration of ours, closed when the test has finished. */
function raw(dir: string): BetterSqlite3.Database {
  const db = new BetterSqlite3(join(dir, 'oddline.db'))
  onTestFinished(() => {
    db.close()
  })
  return db
}

/** What each schema version brought, with a row that it could hold. */
const ROWS: readonly (readonly string[])[] = [
  [
    `INSERT INTO files VALUES (7, '/l/a.log', '1:2:3', 5, 'head', 100, 'mark', 100, 4, '', 120, 9, '', NULL, 'utf8', 0, NULL, '', 8, NULL)`,
    `INSERT INTO batches VALUES ('b1', 1, 2, 'done', '{"lines":4}')`,
    `INSERT INTO findings VALUES (3, 'f3', 'b1', 5, 'high', 0.9, 's', '${JSON.stringify(aFinding()).replaceAll("'", "''")}')`,
    `INSERT INTO checkpoints VALUES ('detector.rules', x'0102ff')`,
  ],
  [
    `INSERT INTO outbox (sink, seq, queued_at, due_at) VALUES ('siem', 3, 6, 6)`,
    `INSERT INTO incidents VALUES ('i1', 'open', 'high', 'eve', 'sqli', 1, 2, 1, 'f3', 0.9, 'sqli from eve', 1, 2)`,
    `INSERT INTO incident_findings VALUES ('i1', 3)`,
    `INSERT INTO notices (sink, incident, due_at) VALUES ('people', 'i1', 7)`,
    `INSERT INTO dead_letters VALUES (1, 'old', 3, NULL, 'invalid_event', 'no', 2, 9)`,
    `INSERT INTO sink_state VALUES ('siem', 2, 50, 'network', 'refused', 0, 0, NULL, 12)`,
    `INSERT INTO silences VALUES (1, '{"who":"eve"}', 'test', 'ann', 1, 99)`,
  ],
  [`INSERT INTO verdicts VALUES ('f3', 'benign', 'a scan of ours', 'ann', 10)`],
  [
    `INSERT INTO adjustments (adjustment, findings, reason, author, created_at) VALUES ('{"kind":"allow","user":"ann"}', '["f3"]', '', 'ann', 11)`,
  ],
  [
    `INSERT INTO removed VALUES ('findings', 20, 3, 12)`,
    `INSERT INTO past_totals VALUES ('parsed', '', 40)`,
    `INSERT INTO kept_folders VALUES (2, 300, 1)`,
  ],
]

/** A database as the program wrote it at a schema version, with a row in every table. */
function databaseOf(version: number, dir = tempDir()): string {
  const db = raw(dir)
  db.pragma('journal_mode = WAL')
  for (const { sql } of MIGRATIONS.slice(0, version)) db.exec(sql)
  for (const insert of ROWS.slice(0, version).flat()) db.exec(insert)
  db.pragma(`user_version = ${version}`)
  db.close()
  return dir
}

function tables(db: BetterSqlite3.Database): string[] {
  return db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1")
    .pluck()
    .all()
}

const schema = (db: BetterSqlite3.Database) =>
  db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2').all()

const contents = (db: BetterSqlite3.Database, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()]))

describe('a database of an earlier schema', () => {
  const versions = MIGRATIONS.map((_, version) => version)

  test.each(versions)('version %i is brought up to date and keeps every row', (version) => {
    const dir = databaseOf(version)
    const before = raw(dir)
    const names = tables(before)
    const rows = contents(before, names)
    for (const name of names) expect(rows[name], name).toHaveLength(1)
    before.close()
    const db = aDatabase(dir)
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    expect(contents(db, names)).toEqual(rows)
    expect(schema(db)).toEqual(schema(aDatabase()))
    expect([db.pragma('integrity_check', { simple: true }), db.pragma('foreign_key_check')]).toEqual(['ok', []])
  })

  test('is brought up to date by the first look at it', () => {
    const dir = databaseOf(1)
    const db = openReadOnly(dir)
    onTestFinished(() => {
      db.close()
    })
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length)
    expect(() => db.exec('DELETE FROM files')).toThrow(/readonly/)
  })

  test('stays as it was when a migration fails in the middle', () => {
    const dir = databaseOf(1)
    const before = raw(dir)
    // The second migration makes this index after several tables of its own.
    before.exec('CREATE INDEX incidents_open ON batches(status)')
    const was = schema(before)
    expect(() => aDatabase(dir)).toThrow(/incidents_open already exists/)
    expect([before.pragma('user_version', { simple: true }), schema(before)]).toEqual([1, was])
  })

  test('is migrated once when several processes open it together', async () => {
    const dir = databaseOf(1)
    const script = `
      const { openDatabase } = await import(${JSON.stringify(DATABASE_MODULE)})
      const db = openDatabase(${JSON.stringify(dir)})
      console.log(db.prepare('PRAGMA user_version').pluck().get())
      db.close()`
    const opened = await Promise.all(
      [1, 2, 3].map(() => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])),
    )
    expect(opened.map(({ stdout }) => stdout)).toEqual(Array(3).fill(`${MIGRATIONS.length}\n`))
    expect(schema(aDatabase(dir))).toEqual(schema(aDatabase()))
  })
})

test('a migration that has landed never changes', () => {
  const digests = MIGRATIONS.map(({ sql }) =>
    createHash('sha256').update(sql.replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 16),
  )
  // A new migration adds a digest at the end, and a row for its tables above.
  expect(digests).toEqual([
    'afafc1cf4eb9f6e3',
    '7f3c915a908c9640',
    '2c2247d8eb1c528f',
    'ba3706ab72e5b677',
    '29edc146231cc08d',
  ])
  expect(ROWS).toHaveLength(MIGRATIONS.length)
})
