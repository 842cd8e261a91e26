import { expect, test } from 'vitest'
import { LogKinds } from '../../src/learning/logs/log-kinds.ts'
import { httpBlock } from '../support/blocks/http-block.ts'
import { type SecurityEvent, securityBlock } from '../support/blocks/security-block.ts'

const kindsOf = (events: readonly SecurityEvent[], kinds = new LogKinds()) =>
  [...kinds.of(securityBlock(events))].map((kind) => kinds.names[kind])

test('events of our vocabulary are of one kind, whatever wrote them; others go by their program', () => {
  expect(
    kindsOf([
      { program: 'sshd', eventType: 'login_success' },
      { program: 'useradd', eventType: 'account_change' },
      { program: 'sshd', eventType: 'other' },
      { program: 'postgres', eventType: 'other' },
      { program: 'shop', eventType: 'cart_filled' },
      { eventType: 'cart_filled' },
    ]),
  ).toEqual(['syslog', 'syslog', 'syslog sshd', 'syslog postgres', 'syslog shop', 'syslog'])
})

test.each([
  ['/usr/sbin/cron', 'cron'],
  ['postfix/smtpd', 'postfix'],
  ['docker/3fa85f64', 'docker'],
  ['worker-17', 'worker-0'],
  ['(systemd)', 'systemd'],
  ['x'.repeat(500), 'x'.repeat(48)],
])('the program %s is %s', (program, name) => {
  expect(kindsOf([{ program, eventType: 'other' }])).toEqual([`syslog ${name}`])
})

test('requests are a kind of their own, and another format is another kind', () => {
  const kinds = new LogKinds()
  const [request] = kinds.of(httpBlock([{ client: '192.0.2.1' }]))
  const [login] = kinds.of(securityBlock([{ eventType: 'login_success' }]))
  const [json] = kinds.of({ ...securityBlock([{ eventType: 'login_success' }]), format: 'json' })
  expect([request, login, json].map((kind) => kinds.names[kind])).toEqual(['access', 'syslog', 'json'])
})

test('numbers go on from names that were kept, and too many kinds are one without a name', () => {
  const kinds = new LogKinds(['syslog', 'access'])
  expect([...kinds.of(httpBlock([{ client: '192.0.2.1' }]))]).toEqual([1])
  const word = (i: number) => String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26))
  const programs = Array.from({ length: 300 }, (_, i) => ({ program: word(i), eventType: 'other' }))
  const names = kindsOf(programs, kinds)
  expect([names[0], names[252], names[253], names[299]]).toEqual(['syslog aa', 'syslog sj', undefined, undefined])
})
