import { describe, expect, test } from 'vitest'
import type { StoredFile } from '../../src/core/files/stored-file.ts'
import { forgetGone, loadOffsets, saveOffsets } from '../../src/store/offsets.ts'
import { tempDir } from '../support/temp.ts'
import { aDatabase } from './support.ts'

function aFile(id: number, changes: Partial<StoredFile> = {}): StoredFile {
  return {
    id,
    path: `/var/log/${id}.log`,
    inode: `1:${id}:1767600000000`,
    headLength: 256,
    headHash: 'a1b2',
    position: 9_000_000_000,
    markerHash: 'c3d4',
    offset: 9_000_000_000,
    line: 71_000_001,
    skip: '',
    size: 9_000_000_120,
    modifiedAt: 1_767_600_000_123,
    signature: '',
    sniffed: { format: 'csv', framing: 'csv', context: 'time,user\n' },
    encoding: 'utf8',
    served: 4096,
    copyOf: undefined,
    problem: '',
    seenAt: 1_767_600_000_000,
    goneAt: undefined,
    ...changes,
  }
}

const ids = (files: readonly StoredFile[]) => files.map(({ id }) => id)

describe('positions in log files', () => {
  const copy = aFile(2, { copyOf: 1, sniffed: undefined, encoding: '', problem: 'binary: NUL bytes', skip: '7,12' })
  const gone = aFile(3, { path: '/var/log/with\nnew line "\u{1f4a5}".gz', encoding: 'utf16le', goneAt: 5, inode: '' })

  test('come back from the disk as they were saved, in the order of their ids', () => {
    const dir = tempDir()
    const files = [gone, aFile(1), copy]
    const db = aDatabase(dir)
    saveOffsets(db, files)
    db.close()
    expect(loadOffsets(aDatabase(dir))).toEqual([aFile(1), copy, gone])
  })

  test('of a file move forward without a second row, and leave other files alone', () => {
    const db = aDatabase()
    saveOffsets(db, [aFile(1), copy])
    const moved = aFile(1, {
      ...{ path: '/var/log/1.log.1', inode: '1:99:2', headLength: 1024, headHash: 'e5', position: 9_000_000_555 },
      ...{ markerHash: 'f6', offset: 9_000_000_555, line: 71_000_005, skip: '3,4', size: 9_000_000_555 },
      ...{ modifiedAt: 1_767_600_009_999, signature: '9:9', sniffed: undefined, encoding: 'utf16be', served: 0 },
      ...{ copyOf: 2, problem: 'unreadable: EACCES', seenAt: 1_767_600_010_000, goneAt: 1_767_600_010_001 },
    })
    saveOffsets(db, [moved])
    expect(loadOffsets(db)).toEqual([moved, copy])
  })

  test('are as before when the transaction of their results fails', () => {
    const db = aDatabase()
    saveOffsets(db, [aFile(1)])
    const commit = db.transaction(() => {
      saveOffsets(db, [aFile(1, { position: 9_900_000_000 }), copy])
      throw new Error('the finding could not be stored')
    })
    expect(commit).toThrow('could not be stored')
    expect(loadOffsets(db)).toEqual([aFile(1)])
  })

  test('keep fractions of a millisecond out of the database', () => {
    const db = aDatabase()
    saveOffsets(db, [aFile(1, { modifiedAt: 1_767_600_000_123.75 })])
    expect(loadOffsets(db)[0].modifiedAt).toBe(1_767_600_000_123)
  })
})

describe('files that are gone', () => {
  test('are forgotten after their time, files that are there never', () => {
    const db = aDatabase()
    saveOffsets(db, [
      aFile(1, { goneAt: 99 }),
      aFile(2, { goneAt: 100 }),
      aFile(3),
      aFile(4, { goneAt: 101 }),
      aFile(5),
    ])
    expect(forgetGone(db, 100)).toBe(1)
    expect(ids(loadOffsets(db))).toEqual([2, 3, 4, 5])
  })

  test('keep the newest id, so that another file never gets it', () => {
    const db = aDatabase()
    saveOffsets(db, [aFile(1, { goneAt: 1 }), aFile(2, { goneAt: 1 })])
    expect(forgetGone(db, 100)).toBe(1)
    expect(ids(loadOffsets(db))).toEqual([2])
  })

  test('are bounded in number, the longest gone leaving first', () => {
    const db = aDatabase()
    saveOffsets(db, [aFile(1, { goneAt: 1_000_000 }), aFile(2)])
    db.exec(`
      WITH RECURSIVE n(id) AS (SELECT 3 UNION ALL SELECT id + 1 FROM n WHERE id < 100006)
      INSERT INTO files SELECT n.id, path, inode, head_length, head_hash, position, marker_hash, offset, line, skip, size,
        modified_at, signature, sniffed, encoding, served, copy_of, problem, seen_at, 1000 + n.id
      FROM n CROSS JOIN files WHERE files.id = 2`)
    expect(forgetGone(db, 0)).toBe(5)
    expect(db.prepare('SELECT id FROM files ORDER BY id LIMIT 4').pluck().all()).toEqual([1, 2, 8, 9])
    expect(forgetGone(db, 0)).toBe(0)
  })
})
