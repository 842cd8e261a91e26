import { describe, expect, it } from 'vitest'
import { linear, log } from '../../src/features/feature.ts'
import { HTTP, HTTP_FEATURES } from '../../src/features/http/http-features.ts'
import { LOGIN, LOGIN_FEATURES } from '../../src/features/login/login-features.ts'
import { phraseOf } from '../../src/features/phrase.ts'

const request = (name: keyof typeof HTTP, actual: number, usual: number) =>
  phraseOf(HTTP_FEATURES[HTTP[name]], actual, usual, 'requests')
const event = (name: keyof typeof LOGIN, actual: number, usual: number) =>
  phraseOf(LOGIN_FEATURES[LOGIN[name]], actual, usual, 'events')

describe('a reason', () => {
  it('has the unit of its value, and the usual value', () => {
    expect(request('query_length', 310, 12)).toBe('the query has 310 characters (usually 12)')
    expect(request('parameter_count', 1, 0)).toBe('the query has 1 parameter (usually 0)')
    expect(request('client_error_share', 0.75, 0.004)).toBe(
      "75 % of the client's recent requests failed (usually 0.4 %)",
    )
    expect(request('client_gap', 12, 600)).toBe("the client's last request was 12 s ago (usually 10 min)")
    expect(request('client_gap', 0, 3600)).toBe("the client's last request was less than 1 s ago (usually 1 h or more)")
    expect(request('entropy', 4.5, 3.5)).toBe('the target mixes about 23 different characters (usually 11)')
  })

  it('says how rare something is as a share', () => {
    expect(request('status_rarity', Math.log2(4000), 0.16)).toBe(
      'this status came in 1 of 4,000 requests (usually 90 %)',
    )
    expect(event('user_rarity', 3, 1)).toBe('this user came in 13 % of events (usually 50 %)')
  })

  it('is left out if its value equals the usual one after rounding, or is more common', () => {
    expect(request('client_burst', 1.2, 1)).toBeUndefined()
    expect(event('address_failures', 0, 0.3)).toBeUndefined()
    expect(request('status_rarity', 0.1, 4)).toBeUndefined()
  })

  it('uses plain words for every feature', () => {
    for (const { label, unit } of [...HTTP_FEATURES, ...LOGIN_FEATURES]) {
      expect(label).not.toMatch(/nats|bits|deviation|rarity|entropy/)
      expect(label.includes('{}'), label).toBe(unit !== 'rarity' && unit !== 'unlikeness')
    }
    expect(phraseOf(linear('x', '{} {box|boxes}'), 2, 1, '')).toBe('2 boxes (usually 1)')
    expect(phraseOf(log('x', '{} {box|boxes}'), 1, 1234, '')).toBe('1 box (usually 1,234)')
  })
})
