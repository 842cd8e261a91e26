import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { MuteWindowSchema } from '../../src/delivery/routing/config.ts'
import { glob } from '../../src/delivery/routing/glob.ts'
import { mutedUntil } from '../../src/delivery/routing/mute.ts'
import { breakerState } from '../../src/delivery/sending/circuit-breaker.ts'
import { refill, waitMs } from '../../src/delivery/sending/rate-limit.ts'
import { backoffMs, DEFAULT_RETRY } from '../../src/delivery/sending/retry-policy.ts'
import { bounded, parseRetryAfter } from '../../src/delivery/sink/classify.ts'
import { redactor, secretsWithin } from '../../src/delivery/sink/redaction.ts'

const NOW = Date.UTC(2026, 0, 5, 12)

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['1.5', 1_500],
    [new Date(NOW + 30_000).toUTCString(), 30_000],
    [new Date(NOW - 30_000).toUTCString(), 0],
    ['999999999', 3_600_000],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j', (header, expected) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected)
  })
})

describe('the back-off', () => {
  it('is spread over the whole of a ceiling that doubles up to the cap', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, chance) => {
        const ceiling = Math.min(DEFAULT_RETRY.capMs, DEFAULT_RETRY.baseMs * 2 ** failures)
        expect(backoffMs(DEFAULT_RETRY, failures, () => chance)).toBe(Math.ceil(chance * ceiling))
      }),
    )
  })

  it('is never shorter than what the receiver asked for', () => {
    expect(backoffMs(DEFAULT_RETRY, 9, () => 0, 7_000)).toBe(7_000)
    expect(backoffMs(DEFAULT_RETRY, 0, () => 0.5, 7_000)).toBe(7_500)
  })
})

describe('the breaker', () => {
  const gate = { failures: 5, notBefore: NOW + 1_000, reason: 'network' as const }
  it('opens at the fifth failure, is half open after the back-off, and stays closed for a receiver that says slow down', () => {
    expect(breakerState({ ...gate, failures: 4 }, NOW)).toBe('closed')
    expect(breakerState(gate, NOW)).toBe('open')
    expect(breakerState(gate, NOW + 1_000)).toBe('half_open')
    expect(breakerState({ ...gate, reason: 'rate_limited' }, NOW)).toBe('closed')
  })
})

describe('the token bucket', () => {
  it('lets no second have more than the rate and the burst, however it is asked', () => {
    const rate = { perSecond: 2, burst: 3 }
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 80 }), (waits) => {
        let bucket = { tokens: rate.burst, at: NOW }
        const spent: number[] = []
        let now = NOW
        for (const wait of waits) {
          now += wait
          bucket = refill(bucket, rate, now)
          if (waitMs(bucket, rate) > 0) continue
          bucket = { ...bucket, tokens: bucket.tokens - 1 }
          spent.push(now)
        }
        for (const [i, at] of spent.entries()) {
          const within = spent.slice(i).filter((time) => time < at + 1_000).length
          expect(within).toBeLessThanOrEqual(rate.burst + rate.perSecond)
        }
      }),
    )
  })

  it('gives nothing for a clock that goes back', () => {
    expect(refill({ tokens: 0, at: NOW }, { perSecond: 1, burst: 1 }, NOW - 60_000).tokens).toBe(0)
  })
})

describe('a mute window', () => {
  const window = (keys: object) => [MuteWindowSchema.parse({ from: '22:00', to: '06:00', ...keys })]
  it('runs over midnight, in its own time zone, from the days it begins on', () => {
    const monday = Date.UTC(2026, 0, 5, 23)
    expect(mutedUntil(window({}), 'high', monday)).toBe(Date.UTC(2026, 0, 6, 6))
    expect(mutedUntil(window({}), 'high', Date.UTC(2026, 0, 6, 5, 59, 30))).toBe(Date.UTC(2026, 0, 6, 6))
    expect(mutedUntil(window({}), 'high', Date.UTC(2026, 0, 6, 6))).toBeUndefined()
    expect(mutedUntil(window({ days: ['tue'] }), 'high', monday)).toBeUndefined()
    expect(mutedUntil(window({ timezone: 'America/New_York' }), 'high', monday)).toBeUndefined()
    expect(mutedUntil(window({ timezone: 'America/New_York' }), 'high', monday + 5 * 3_600_000)).toBe(
      Date.UTC(2026, 0, 6, 11),
    )
  })

  it('lets critical incidents through unless told otherwise', () => {
    const night = Date.UTC(2026, 0, 5, 23)
    expect(mutedUntil(window({}), 'critical', night)).toBeUndefined()
    expect(mutedUntil(window({ critical: false }), 'critical', night)).toBeGreaterThan(night)
  })
})

describe('a pattern', () => {
  it('matches as the same pattern made an expression does', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'A'), maxLength: 10 })
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
        expect(glob(pattern)(value)).toBe(new RegExp(`^${source}$`, 'is').test(value))
      }),
      { numRuns: 500 },
    )
  })

  it('takes no longer for a pattern made to take long', () => {
    expect(glob(`${'*a'.repeat(2_000)}b`)('a'.repeat(5_000))).toBe(false)
  })
})

describe('what is said to operators', () => {
  it('is one line without control characters, within its limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const line = bounded(text, 100)
        expect(line.length).toBeLessThanOrEqual(100)
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
      }),
    )
  })

  it('holds no secret in any form in which a receiver may quote it', () => {
    const url = 'https://hooks.slack.com/services/T00/B00/abc"def'
    const config = { a: { b: [new Secret(url)] }, token: new Secret('tok en/1') }
    const redact = redactor(secretsWithin(config))
    const quoted = `${url} /services/T00/B00/abc%22def ${encodeURIComponent('tok en/1')} ${JSON.stringify('tok en/1')} ${Buffer.from('tok en/1').toString('base64')}`
    expect(redact(quoted)).not.toMatch(/B00|tok|en%2F1|dG9rIGVu/)
  })
})
