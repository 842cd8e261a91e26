import { expect, test } from 'vitest'
import { type SecurityEvent, securityBlock } from '../../bench/support/security-block.ts'
import { OUTCOME_FAILURE, OUTCOME_SUCCESS } from '../../src/core/block.ts'
import { LoginExtractor } from '../../src/features/login.ts'
import { LOGIN, LOGIN_FEATURES, type LoginFeatureName } from '../../src/features/login-features.ts'
import { LoginProfiles } from '../../src/features/login-profiles.ts'

const START = Date.UTC(2026, 0, 5, 9)

function column(events: readonly SecurityEvent[], name: LoginFeatureName): number[] {
  const extractor = new LoginExtractor(new LoginProfiles())
  const { data } = extractor.extract(securityBlock(events), new Uint8Array(events.length))
  return events.map((_, i) => data[i * LOGIN_FEATURES.length + LOGIN[name]])
}

function attempt(second: number, user: string, sourceIp: string, outcome: number): SecurityEvent {
  const eventType = outcome === OUTCOME_FAILURE ? 'login_failure' : 'login_success'
  return {
    user,
    sourceIp,
    outcome,
    program: 'sshd',
    eventType,
    message: `${eventType} for ${user}`,
    time: START + second * 1000,
  }
}

const daily = Array.from({ length: 60 }, (_, i) =>
  attempt(i * 600, i % 2 === 0 ? 'ann' : 'ben', i % 2 === 0 ? '10.0.0.1' : '10.0.0.2', OUTCOME_SUCCESS),
)
const guessing = Array.from({ length: 40 }, (_, i) => attempt(40_000 + i, `user${i}`, '203.0.113.5', OUTCOME_FAILURE))

test('failures of an address add up and fade with the time of the events', () => {
  const later = attempt(40_000 + 40 + 3600, 'user1', '203.0.113.5', OUTCOME_FAILURE)
  const failures = column([...daily, ...guessing, later], 'address_failures').map(Math.expm1)
  expect(failures[daily.length - 1]).toBe(0)
  expect(failures[daily.length + 39]).toBeGreaterThan(35)
  expect(failures.at(-1)).toBeLessThan(1.2)
})

test('an address that tries many users is told from one that tries few', () => {
  const users = column([...daily, ...guessing], 'address_users').map(Math.expm1)
  expect(users[daily.length - 1]).toBeCloseTo(1, 1)
  expect(users.at(-1)).toBeGreaterThan(30)
})

test('a success after failures says how many there were, for the address or the user', () => {
  const success = attempt(40_041, 'user39', '203.0.113.5', OUTCOME_SUCCESS)
  const after = column([...daily, ...guessing, success], 'success_after_failures')
  expect(Math.expm1(after.at(-1)!)).toBeGreaterThan(30)
  expect(Math.max(...after.slice(0, -1))).toBe(0)
})

test('a known user from a new address is rarer than from the usual one', () => {
  const from = (sourceIp: string) =>
    column([...daily, attempt(40_000, 'ann', sourceIp, OUTCOME_SUCCESS)], 'address_rarity').at(-1)!
  expect(from('198.51.100.7')).toBeGreaterThan(from('10.0.0.1') + 3)
})

test('an hour at which nobody logs in is rarer than office hours, also on a weekday not seen yet', () => {
  const day = 86_400
  const at = (second: number) =>
    column([...daily, attempt(second, 'ann', '10.0.0.1', OUTCOME_SUCCESS)], 'hour_rarity').at(-1)!
  expect(at(2 * day - 6 * 3600)).toBeGreaterThan(at(2 * day + 3600))
})

test('events without address, user or time have finite rows', () => {
  const extractor = new LoginExtractor(new LoginProfiles())
  const { data } = extractor.extract(
    securityBlock([{}, { time: Number.NaN }, { user: 'x' }, { sourceIp: '::1' }]),
    new Uint8Array(4),
  )
  expect([...data].every(Number.isFinite)).toBe(true)
})
