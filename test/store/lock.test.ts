import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockState } from '../../src/store/lock.ts'
import { tempDir } from '../support/temp.ts'

const LOCK_MODULE = join(import.meta.dirname, '../../dist/src/store/lock.js')

/** Another process that holds the lock until it is killed; its standard input, which nobody writes, keeps it alive. */
async function holder(dir: string): Promise<ChildProcess> {
  const script = `
    const { lockState } = await import(${JSON.stringify(LOCK_MODULE)})
    globalThis.held = lockState(${JSON.stringify(dir)})
    process.stdout.write('held')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await once(child.stdout!, 'data')
  return child
}

test('a second process on a state directory is refused, and let in when the first one was killed', async () => {
  const dir = join(tempDir(), 'state')
  const child = await holder(dir)
  expect(() => lockState(dir)).toThrow(
    expect.objectContaining({
      code: 'STATE_LOCKED',
      message: expect.stringContaining(`in use by another oddline (process ${child.pid})`),
    }),
  )
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockState(dir).release()
})

test('a lock that was released is free for the next, one that is held is not, in the same process too', () => {
  const dir = tempDir()
  const first = lockState(dir)
  expect(() => lockState(dir)).toThrow(expect.objectContaining({ code: 'STATE_LOCKED' }))
  first.release()
  const second = lockState(dir)
  second.release()
})

test('a lock file that is damaged is mended, but not while another process holds it', async () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'lock.db'), 'no database at all '.repeat(100))
  lockState(dir).release()
  const child = await holder(dir)
  writeFileSync(join(dir, 'lock.db'), 'no database at all '.repeat(100))
  expect(() => lockState(dir)).toThrow(expect.objectContaining({ code: 'STATE_LOCKED' }))
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockState(dir).release()
})

test.each(['lock.db', 'lock.pid'])('where %s is a directory, a pipe or a loop of links, it says so', (name) => {
  const makers = [
    mkdirSync,
    (path: string) => execFileSync('mkfifo', [path]),
    (path: string) => symlinkSync(name, path),
  ]
  for (const make of makers) {
    const dir = tempDir()
    make(join(dir, name))
    expect(() => lockState(dir)).toThrow(expect.objectContaining({ code: 'STATE_INACCESSIBLE' }))
  }
})

test('directories do not lock each other, and one that is missing is made', () => {
  const [a, b] = [join(tempDir(), 'a/state'), tempDir()]
  const locks = [lockState(a), lockState(b)]
  expect(existsSync(join(a, 'lock.db'))).toBe(true)
  for (const lock of locks) lock.release()
})
