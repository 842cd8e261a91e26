import { expect, test } from 'vitest'
import { Templater } from '../../src/templates/templater.ts'
import { httpBlock } from '../support/blocks/http-block.ts'
import { securityBlock } from '../support/blocks/security-block.ts'

const requests = httpBlock([
  { target: '/item/17?color=red' },
  { target: '/item/18' },
  { target: '/item/18', status: 404 },
  { target: '/item/19', method: 'POST', status: 0 },
])
const logins = securityBlock([
  { program: 'sshd', eventType: 'login_failure', message: 'Failed password for root from 10.0.0.1 port 22 ssh2' },
  { program: 'sshd', eventType: 'login_failure', message: 'Failed password for root from 10.9.9.9 port 4022 ssh2' },
  { program: 'cron', eventType: '', message: 'session opened for user root' },
])

test('a request is its method, the shape of its path and the class of its status', () => {
  const templater = new Templater()
  const ids = templater.templates(requests)
  expect(ids[0]).toBe(ids[1])
  expect([...ids.slice(1)].map((id) => templater.text(id))).toEqual([
    'GET /item/<num> 2xx',
    'GET /item/<num> 4xx',
    'POST /item/<num> -',
  ])
})

test('a security event is its program, its type and the template of its message', () => {
  const templater = new Templater()
  const ids = templater.templates(logins)
  expect(ids[0]).toBe(ids[1])
  expect(templater.text(ids[0])).toBe('sshd login_failure: Failed password for root from <*> port <*> ssh<*>')
  expect(templater.text(ids[2])).toBe('cron: session opened for user root')
})

test('requests and events share one vocabulary without clashes, from 1 up', () => {
  const templater = new Templater()
  const ids = new Set([...templater.templates(requests), ...templater.templates(logins)])
  expect([...ids].sort()).toEqual([1, 2, 3, 4, 5])
  expect(templater.size).toBe(6)
})

test('frozen and restored elsewhere it gives the same ids, and 0 for what it never saw', () => {
  const templater = new Templater()
  const before = [...templater.templates(requests), ...templater.templates(logins)]
  const other = Templater.restore(templater.snapshot())
  other.freeze()
  expect([...other.templates(requests), ...other.templates(logins)]).toEqual(before)
  expect([...other.templates(httpBlock([{ target: '/never/seen' }, { method: 'BREW', target: '/item/1' }]))]).toEqual([
    0, 0,
  ])
  expect(other.text(0)).toBe('<unknown>')
  expect(other.size).toBe(templater.size)
})

test('ids of events whose templates merged later resolve to one', () => {
  const templater = new Templater()
  const users = ['alice', 'bob', 'carol', 'dave', 'erin']
  const block = securityBlock(
    users.map((user) => ({ program: 'su', message: `session opened for user ${user} by the shell` })),
  )
  const ids = templater.templates(block)
  expect(new Set(ids).size).toBeGreaterThan(1)
  expect(new Set(ids.map((id) => templater.resolve(id))).size).toBe(1)
})
