import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { belongs, durationOf, joined, keyOf, opened, titleOf } from '../../src/ensemble/incidents.ts'
import { aFinding } from '../support/blocks/findings.ts'

describe('the key of an incident', () => {
  it('is who, and what a rule named, or else the detector with the strongest vote', () => {
    expect(keyOf(aFinding())).toEqual({ who: '203.0.113.7', what: 'sqli' })
    const unnamed = aFinding({ what: '' })
    const votes = { isolation_forest: 0.9, transformer: 0.95, rules: 0.1 }
    expect(keyOf({ ...unnamed, oddline: { ...unnamed.oddline, votes } }).what).toBe('transformer')
  })

  it('is bounded, whatever name the log gives', () => {
    const { who } = keyOf(aFinding({ who: 'x'.repeat(100_000) }))
    expect(who).toHaveLength(256)
  })
})

describe('an incident', () => {
  it('is the same whatever order its findings come in, but for the one that opened it', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(scores, (values) => {
        const findings = values.map((score, n) => aFinding({ n, score }))
        const fold = (order: typeof findings) =>
          order.slice(1).reduce((incident, finding) => joined(incident, finding), opened(keyOf(order[0]), order[0]))
        const { id: _, strongest: __, ...forward } = fold(findings)
        const { id: ___, strongest: ____, ...backward } = fold([...findings].reverse())
        expect(forward).toEqual(backward)
        expect(forward.findings).toBe(values.length)
        expect(forward.score).toBe(Math.max(...values))
      }),
    )
  })

  it('has a summary that a person can read', () => {
    const incident = joined(opened(keyOf(aFinding()), aFinding()), aFinding({ n: 600 }))
    expect(incident.summary).toBe('SQL injection from 203.0.113.7: 2 findings within 10 min')
    expect(titleOf('weird_new_thing')).toBe('Weird new thing')
    expect([500, 60_000, 5_400_000, 72 * 3_600_000].map(durationOf)).toEqual(['1 s', '60 s', '2 h', '3 days'])
  })

  it('takes findings near it in log time, before as well as after', () => {
    const incident = opened(keyOf(aFinding({ n: 100 })), aFinding({ n: 100 }))
    const times = [39, 40, 160, 161].map((n) => belongs(incident, aFinding({ n }), 60_000))
    expect(times).toEqual([false, true, true, false])
  })
})
