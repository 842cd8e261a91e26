import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OddlineError } from '../../src/core/errors.ts'
import { openDatabase } from '../../src/store/database.ts'
import { lockState } from '../../src/store/lock.ts'
import { tempDir } from '../support/temp.ts'

/** Another process that holds the lock file's SQLite lock until it is killed. */
async function holder(dir: string) {
  const script = `
    const Database = require('better-sqlite3')
    const db = new Database(${JSON.stringify(join(dir, 'lock.db'))})
    db.exec('BEGIN EXCLUSIVE')
    process.stdout.write('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child
}

test('a second process on a state directory is refused, and let in when the first one was killed', async () => {
  const dir = join(tempDir(), 'state')
  mkdirSync(dir)
  const child = await holder(dir)
  expect(() => lockState(dir)).toThrow(/in use by another oddline/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockState(dir).release()
})

test('a database of a newer version is refused untouched', () => {
  const dir = tempDir()
  const db = openDatabase(dir)
  db.pragma('user_version = 999')
  db.close()
  try {
    openDatabase(dir)
    expect.unreachable()
  } catch (error) {
    expect((error as OddlineError).code).toBe('STATE_TOO_NEW')
  }
})
