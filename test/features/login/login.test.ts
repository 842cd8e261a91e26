import { describe, expect, test } from 'vitest'
import { OUTCOME_FAILURE, OUTCOME_SUCCESS } from '../../../src/core/columns/block.ts'
import { Activity } from '../../../src/features/login/activity.ts'
import { LoginExtractor } from '../../../src/features/login/login.ts'
import { LOGIN, LOGIN_FEATURES, type LoginFeatureName } from '../../../src/features/login/login-features.ts'
import { LoginProfiles } from '../../../src/features/login/login-profiles.ts'
import { type SecurityEvent, securityBlock } from '../../support/blocks/security-block.ts'

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

describe('a success after failures', () => {
  const guessedBefore = (...events: SecurityEvent[]) =>
    Math.expm1(column([...daily, ...events], 'success_after_failures').at(-1)!)

  test('says how many there were, for the address or the user', () => {
    const success = attempt(40_041, 'user39', '203.0.113.5', OUTCOME_SUCCESS)
    const counts = column([...daily, ...guessing, success], 'success_after_failures')
    expect(Math.expm1(counts.at(-1)!)).toBeGreaterThan(30)
    expect(Math.max(...counts.slice(0, -1))).toBe(0)
  })

  const tried = Array.from({ length: 40 }, (_, i) => attempt(40_000 + i, 'ann', `203.0.113.${i}`, OUTCOME_FAILURE))

  test('is one of a user whom many addresses tried, from an address that is new to them, and from none', () => {
    expect(guessedBefore(...tried, attempt(40_041, 'ann', '198.51.100.7', OUTCOME_SUCCESS))).toBeGreaterThan(30)
    expect(guessedBefore(...tried, attempt(40_041, 'ann', '', OUTCOME_SUCCESS))).toBeGreaterThan(30)
  })

  test('is none of a user who comes in from where they always do', () => {
    expect(guessedBefore(...tried, attempt(40_041, 'ann', '10.0.0.1', OUTCOME_SUCCESS))).toBe(0)
  })

  test.each(['sudo', 'cron', 'session_opened', 'session_closed'])('is none where it is a %s', (eventType) => {
    expect(guessedBefore(...tried, { ...attempt(40_041, 'ann', '', OUTCOME_SUCCESS), eventType })).toBe(0)
  })

  test('is none where many log in and some of them mistype', () => {
    const busy = Array.from({ length: 300 }, (_, i) =>
      attempt(40_000 + i, `user${i % 50}`, '192.0.2.1', i % 5 === 0 ? OUTCOME_FAILURE : OUTCOME_SUCCESS),
    )
    expect(guessedBefore(...busy, attempt(40_300, 'ann', '192.0.2.1', OUTCOME_SUCCESS))).toBe(0)
  })
})

test('what an older file tells is not added to what was seen since', () => {
  const again = [...daily, ...guessing, attempt(50_000, 'user1', '203.0.113.5', OUTCOME_FAILURE)]
  const failures = column([...again, ...again], 'address_failures').map(Math.expm1)
  expect(failures.slice(again.length)).toEqual(failures.slice(0, again.length))
})

test('the state of a version that remembered less is taken up', () => {
  const activity = new Activity()
  const party = { id: -1, name: 'ann' }
  const deed = { time: START, failed: true, succeeded: false, login: true }
  for (let i = 0; i < 5; i++) activity.update(party, deed, 0)
  const { parties, arrays } = activity.snapshot()
  const { refused: _, admitted: __, ...before } = arrays
  const restored = Activity.restore({ parties, arrays: before })
  restored.update(party, deed, 0)
  expect(restored.failures).toBe(6)
  expect(restored.netRefused).toBe(0)
})

test('a known user from a new address is rarer than from the usual one', () => {
  const from = (sourceIp: string) =>
    column([...daily, attempt(40_000, 'ann', sourceIp, OUTCOME_SUCCESS)], 'address_rarity').at(-1)!
  expect(from('198.51.100.7')).toBeGreaterThan(from('10.0.0.1') + 3)
})

test('events without address, user or time have finite rows', () => {
  const extractor = new LoginExtractor(new LoginProfiles())
  const { data } = extractor.extract(
    securityBlock([{}, { time: Number.NaN }, { user: 'x' }, { sourceIp: '::1' }]),
    new Uint8Array(4),
  )
  expect([...data].every(Number.isFinite)).toBe(true)
})
