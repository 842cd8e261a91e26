import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Drain, UNKNOWN_TEMPLATE } from '../../src/templates/drain.ts'

function mined(messages: readonly string[]): { drain: Drain; ids: number[] } {
  const drain = new Drain()
  const ids = messages.map((message) => drain.template(message))
  return { drain, ids: ids.map((id) => drain.resolve(id)) }
}

test.each([
  ['Connection from 10.0.0.7 port 5021', 'Connection from <*> port <*>'],
  ['took 0.25 ms at 2026-01-05 12:00:01,123', 'took <*> at <*> <*>'],
  ['opened /var/log/app/a.log by user root', 'opened <*> by user root'],
  ['fetch https://example.org/a?b=c,d done', 'fetch <*> done'],
  ['block blk_-1608999687919862906 terminating', 'block blk_<*> terminating'],
  ['id 4fa2c09b state=ready', 'id <*> state=ready'],
  ['lookup ns1.example.org failed', 'lookup <*> failed'],
  ['through SOCKS5 proxy', 'through SOCKS5 proxy'],
  ['sent 451 bytes (1.16 KB) in <1 sec', 'sent <*> bytes in <*>'],
])('masks values by their form: %s', (message, template) => {
  const { drain, ids } = mined([message])
  expect(drain.text(ids[0])).toBe(template)
})

test('messages that differ in masked values share a template', () => {
  const { ids } = mined(['job 17 done in 3 s', 'job 18 done in 44 s'])
  expect(ids[0]).toBe(ids[1])
})

test('a place with a few words keeps templates apart, one with many is a parameter', () => {
  const { drain, ids } = mined([
    'the machine has started all services',
    'the machine has stopped all services',
    ...['alice', 'bob', 'carol', 'dave', 'erin'].map((user) => `session opened for user ${user} by the daemon`),
  ])
  expect(ids[0]).not.toBe(ids[1])
  expect(new Set(ids.slice(2)).size).toBe(1)
  expect(drain.text(ids[2])).toBe('session opened for user <*> by the daemon')
})

test('ids given before a place became a parameter resolve to the merged template', () => {
  const drain = new Drain()
  const before = drain.template('session opened for user alice by the daemon')
  const second = drain.template('session opened for user bob by the daemon')
  expect(second).not.toBe(before)
  for (const user of ['carol', 'dave', 'erin']) drain.template(`session opened for user ${user} by the daemon`)
  expect(drain.resolve(second)).toBe(drain.resolve(before))
})

test('frozen, it knows what it knew and calls the rest unknown', () => {
  const drain = new Drain()
  const known = drain.template('link eth0 is up')
  drain.freeze()
  expect(drain.template('link eth7 is up')).toBe(known)
  expect(drain.template('link eth0 is on fire now')).toBe(UNKNOWN_TEMPLATE)
  expect(drain.size).toBe(2)
})

test('holds no more templates than it was allowed', () => {
  const drain = new Drain(10)
  for (let i = 0; i < 200; i++) drain.template(`${'word '.repeat(i % 40)}end`)
  expect(drain.size).toBe(10)
})

const word = fc.constantFrom('open', 'close', 'user', 'alice', 'bob', '42', '10.0.0.1', 'a=b', '/x/y', '(7', 'KB)', '')
const message = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '))

test('a restored miner goes on as the one it was taken from', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), fc.array(message, { maxLength: 60 }), (first, second) => {
      const one = new Drain()
      for (const text of first) one.template(text)
      const other = Drain.restore(JSON.parse(JSON.stringify(one.snapshot())))
      for (const text of second) expect(other.template(text)).toBe(one.template(text))
      expect(other.snapshot()).toEqual(one.snapshot())
    }),
    { numRuns: 200 },
  )
})

test('any text whatever gets an answer, and the same one twice while frozen', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 20 }), (messages) => {
      const { drain } = mined(messages)
      drain.freeze()
      const once = messages.map((text) => drain.template(text))
      expect(messages.map((text) => drain.template(text))).toEqual(once)
      expect(once.every((id) => id >= 0 && id < drain.size)).toBe(true)
    }),
  )
})
