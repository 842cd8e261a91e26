import { describe, expect, test } from 'vitest'
import type { Adjustment } from '../../src/core/documents/adjustment.ts'
import type { Finding } from '../../src/core/documents/finding.ts'
import { compileAdjustments } from '../../src/learning/adjust.ts'
import { aFinding } from '../support/blocks/findings.ts'

const EVENT = Date.UTC(2026, 0, 5, 12)

function applied(adjustment: Adjustment, expiresAt = Number.POSITIVE_INFINITY, id = 1) {
  const who = { reason: 'known', author: 'ops', findings: [], createdAt: 0, endedAt: null, suppressed: 0, weakened: 0 }
  return { id, adjustment, expiresAt, ...who }
}

const adjust = (finding: Finding, ...all: Adjustment[]) =>
  compileAdjustments(
    all.map((one, i) => applied(one, Number.POSITIVE_INFINITY, i + 1)),
    0.5,
  )(finding)

/** A finding that models alone made. */
function modelFinding(votes: Partial<Record<'isolation_forest' | 'transformer', number>>): Finding {
  const finding = aFinding({ score: 0.6 })
  const [, forest] = finding.oddline.evidence
  return {
    ...finding,
    oddline: {
      ...finding.oddline,
      votes,
      weights: { isolation_forest: 0.5, transformer: 0.5 },
      evidence: Object.entries(votes).map(([detector, score]) => ({ ...forest, detector, score }) as typeof forest),
    },
  }
}

describe('an allowance', () => {
  test('of a rule for a client spares the finding when nothing else speaks for it', () => {
    const allow: Adjustment = { kind: 'allow', rules: ['web-sqli-boolean'], client: '203.0.113.0/24' }
    expect(adjust(aFinding({ score: 0.75 }), allow)).toEqual({ kind: 'suppressed', by: [1], normal: false })
  })

  test.each([
    ['another client', { kind: 'allow', rules: ['web-sqli-boolean'], client: '198.51.100.0/24' }],
    ['another rule', { kind: 'allow', rules: ['web-xss'], client: '203.0.113.7' }],
    ['another target', { kind: 'allow', rules: ['web-sqli-boolean'], target: '/admin' }],
    ['another user', { kind: 'allow', user: 'alice' }],
    ['a model that had no say', { kind: 'allow', models: ['transformer'], client: '203.0.113.7' }],
  ] as const)('of %s changes nothing', (_, allow) => {
    expect(adjust(aFinding(), allow as Adjustment)).toEqual({ kind: 'unchanged' })
  })

  test('leaves a finding that another rule makes as well, with the score of that rule', () => {
    const finding = aFinding({ score: 0.95 })
    const [rules, forest] = finding.oddline.evidence
    if (rules.detector !== 'rules') throw new Error('the first evidence is that of the rules')
    const other = { ...rules.matches[0], id: 'web-scanner', title: 'A scanner', level: 'medium' as const }
    const both = { ...rules, matches: [...rules.matches, other] }
    const judged = { ...finding, oddline: { ...finding.oddline, evidence: [both, { ...forest, score: 0.1 }] } }
    const left = adjust(judged, { kind: 'allow', rules: ['web-sqli-boolean'], client: '203.0.113.7' })
    expect(left).toMatchObject({
      kind: 'weakened',
      by: [1],
      verdict: { score: 0.5, votes: { rules: 0.5, isolation_forest: 0.1 } },
      evidence: [{ detector: 'rules', score: 0.5, matches: [{ id: 'web-scanner' }] }, { detector: 'isolation_forest' }],
    })
  })

  test('of a rule leaves what a model finds by itself', () => {
    const finding = aFinding({ score: 1.6 })
    const left = adjust(finding, { kind: 'allow', rules: ['web-sqli-boolean'], client: '203.0.113.7' })
    expect(left).toMatchObject({ kind: 'weakened', verdict: { votes: { isolation_forest: 0.8 } } })
  })

  test('ends with the log time that it was given, whatever the clock says', () => {
    const allow = { kind: 'allow', client: '203.0.113.7' } as const
    const at = (expiresAt: number) => compileAdjustments([applied(allow, expiresAt)], 0.5)(aFinding()).kind
    expect([at(EVENT + 1), at(EVENT)]).toEqual(['suppressed', 'unchanged'])
  })

  test('for a network that is none is refused', () => {
    expect(() => adjust(aFinding(), { kind: 'allow', client: 'the office' })).toThrow('the office')
  })
})

describe('a threshold', () => {
  test('spares what a model found below it, and holds it to be normal', () => {
    const threshold = { kind: 'threshold', model: 'isolation_forest', min_score: 0.65 } as const
    expect(adjust(modelFinding({ isolation_forest: 0.64 }), threshold)).toMatchObject({
      kind: 'suppressed',
      normal: true,
    })
    expect(adjust(modelFinding({ isolation_forest: 0.65 }), threshold)).toEqual({ kind: 'unchanged' })
  })

  test('leaves what the other model and the rules say', () => {
    const threshold = { kind: 'threshold', model: 'isolation_forest', min_score: 0.9 } as const
    const both = modelFinding({ isolation_forest: 0.7, transformer: 0.8 })
    expect(adjust(both, threshold)).toMatchObject({ kind: 'weakened', verdict: { votes: { transformer: 0.8 } } })
    expect(adjust(aFinding(), threshold)).toMatchObject({ kind: 'weakened', verdict: { votes: { rules: 0.95 } } })
  })
})
