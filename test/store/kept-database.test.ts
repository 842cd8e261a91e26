import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { rowsBySeq } from '../../src/store/sqlite/rows-by-seq.ts'
import { tempDir } from '../support/temp.ts'

test('the same SQL is one statement, and plain values for one caller leave the rows of the other', () => {
  const db = openDatabase(tempDir())
  const rows = db.prepare('SELECT 1 AS one')
  const values = db.prepare('SELECT 1 AS one').pluck()
  expect(db.prepare('SELECT 1 AS one')).toBe(rows)
  expect(db.prepare('SELECT 1 AS one').pluck()).toBe(values)
  expect([rows.get(), values.get()]).toEqual([{ one: 1 }, 1])
  db.close()
})

test('findings are read page by page in their order, each once, while the database takes others', () => {
  const db = openDatabase(tempDir())
  db.exec(`INSERT INTO batches (id, started_at, status) VALUES ('even', 0, 'done'), ('odd', 0, 'done')`)
  const add = db.prepare(
    `INSERT INTO findings (id, batch, time, severity, score, session, document) VALUES (?, ?, 0, 'low', 0, '', '{}')`,
  )
  for (let i = 0; i < 1_200; i++) add.run(`f${i}`, i % 2 === 0 ? 'even' : 'odd')
  const found: string[] = []
  for (const { id } of rowsBySeq<{ id: string }>(db, 'f.id', 'WHERE f.batch = ?', ['even'])) {
    found.push(id)
    db.exec('UPDATE batches SET finished_at = 0')
  }
  expect(found).toEqual(Array.from({ length: 600 }, (_, i) => `f${2 * i}`))
  db.close()
})
