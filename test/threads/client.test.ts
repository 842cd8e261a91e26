import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ThreadClient } from '../../src/threads/client.ts'

const root = join(import.meta.dirname, '../..')
const BUILT = existsSync(join(root, 'dist/src/threads/serve.js'))

type Sample = {
  readonly settings: { readonly failOnOpen?: boolean; readonly failOnClose?: boolean }
  readonly calls: {
    echo(value: unknown): unknown
    urgent(value: unknown): void
    done(): unknown[]
    fail(code: string | undefined, message: string): never
    uncloneable(): unknown
    give(size: number): Uint8Array
    report(count: number): void
    untilStopped(): string
    crash(): void
    leave(): void
    never(): void
  }
  readonly orders: { stop(): void; leave(): void }
  readonly event: { readonly step?: number; readonly closed?: number }
}

function start(settings: Sample['settings'] = {}) {
  const events: Sample['event'][] = []
  const thread = new ThreadClient<Sample>({
    name: 'sample',
    module: pathToFileURL(join(root, 'test/support/threads/sample-thread.js')),
    settings,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(() => thread.close().catch(() => {}))
  return { thread, events }
}

describe.skipIf(!BUILT)('a thread (skipped where it is not built)', () => {
  test('answers calls in the order of asking, and urgent ones before those that wait', async () => {
    const { thread } = start()
    await thread.opened
    const waiting = thread.call('untilStopped')
    const echoes = Promise.all([1, 2, 3].map((value) => thread.call('echo', value)))
    const urgent = thread.call('urgent', 'first')
    thread.order('stop')
    expect(await waiting).toBe('stopped')
    expect(await echoes).toEqual([1, 2, 3])
    await urgent
    expect(await thread.call('done')).toEqual(['first', 1, 2, 3])
  })

  test('keeps what it is asked and told before it has opened', async () => {
    const { thread } = start()
    thread.order('stop')
    expect(await thread.call('untilStopped')).toBe('stopped')
  })

  test('reports events before the answer of the call that made them', async () => {
    const { thread, events } = start()
    await thread.call('report', 3)
    expect(events).toEqual([{ step: 0 }, { step: 1 }, { step: 2 }])
  })

  test('moves the memory of an answer', async () => {
    const { thread } = start()
    const bytes = await thread.call('give', 1024)
    expect([bytes.length, bytes[1023]]).toEqual([1024, 7])
  })

  test('rejects a call with what was thrown in it, and goes on with the next', async () => {
    const { thread } = start()
    await expect(thread.call('fail', 'DISK_FULL', 'Free some space.')).rejects.toMatchObject({
      name: 'OddlineError',
      code: 'DISK_FULL',
      exitCode: 4,
      message: 'Free some space.',
    })
    const plain = await thread.call('fail', undefined, 'a fault').catch((error) => error)
    expect(plain).toMatchObject({ name: 'Error', message: 'a fault' })
    expect(plain.stack).toContain('sample-thread.js')
    expect(await thread.call('echo', 'well')).toBe('well')
  })

  test('rejects what cannot cross in either direction', async () => {
    const { thread } = start()
    await expect(thread.call('uncloneable')).rejects.toThrow(/could not be cloned/)
    await expect(thread.call('echo', () => {})).rejects.toThrow(/could not be cloned/)
    expect(await thread.call('echo', 1)).toBe(1)
  })

  test('that does not open rejects the opening and every call with the reason', async () => {
    const { thread } = start({ failOnOpen: true })
    const early = thread.call('echo', 1)
    await expect(thread.opened).rejects.toMatchObject({ code: 'MODEL_INVALID', message: 'It does not open.' })
    await expect(early).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    await expect(thread.call('echo', 1)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    await thread.close()
  })

  test.each(['crash', 'leave'] as const)('that dies (%s) rejects all that waits, and every later call', async (how) => {
    const { thread } = start()
    const calls = [thread.call(how), thread.call('echo', 1), thread.call('never')]
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'THREAD_FAILED', exitCode: 1 } })
    }
    const reason = how === 'crash' ? /sample thread.*Nobody catches this\./ : /sample thread.*code 3/
    await expect(thread.call('echo', 1)).rejects.toThrow(reason)
    expect(thread.ended).toBe(true)
    thread.order('stop')
    await thread.close()
  })

  test('closed while busy ends its calls first, then what it holds, then itself', async () => {
    const { thread, events } = start()
    const busy = thread.call('untilStopped')
    const next = thread.call('echo', 'before the end')
    const closed = thread.close()
    await expect(thread.call('echo', 'too late')).rejects.toMatchObject({ code: 'STATE_BUSY' })
    thread.order('stop')
    await closed
    expect(await Promise.all([busy, next])).toEqual(['stopped', 'before the end'])
    expect(events).toEqual([{ closed: 1 }])
    await thread.close()
  })

  test('that dies while it closes says so', async () => {
    const { thread } = start()
    const busy = thread.call('never')
    const closed = thread.close()
    thread.order('leave')
    await expect(busy).rejects.toMatchObject({ code: 'THREAD_FAILED' })
    await expect(closed).rejects.toMatchObject({ code: 'THREAD_FAILED' })
  })

  test('that fails to close says why, and has ended nevertheless', async () => {
    const { thread } = start({ failOnClose: true })
    await expect(thread.close()).rejects.toMatchObject({ code: 'DISK_FULL', message: 'It does not close.' })
    expect(thread.ended).toBe(true)
  })
})
