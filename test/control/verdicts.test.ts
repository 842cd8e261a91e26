import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { applyAdjustments, revertAdjustment, tryAdjustments, type Wanted } from '../../src/control/adjustments.ts'
import { backtest } from '../../src/control/backtest.ts'
import { ALLOWED_FOR_MS, proposals } from '../../src/control/proposals.ts'
import { markFinding, unmarkFinding } from '../../src/control/verdicts.ts'
import type { Finding } from '../../src/core/documents/finding.ts'
import type { Verdict } from '../../src/core/documents/verdict.ts'
import { precisions } from '../../src/queries/verdicts.ts'
import { adjustmentsAt, allAdjustments, countAdjusted } from '../../src/store/adjustments.ts'
import { saveBatch } from '../../src/store/batches.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { insertFindings } from '../../src/store/findings.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { tempDir } from '../support/temp.ts'

const NOW = Date.UTC(2026, 0, 6)
const OPTIONS = { minScore: 0.5, now: NOW }

let db: Database
beforeEach(() => {
  db = openDatabase(join(tempDir(), 'state'))
  saveBatch(db, { id: 'b1', startedAt: 0, finishedAt: 1, status: 'done', summary: '{}' })
  onTestFinished(() => void db.close())
})

function store(...findings: Finding[]): Finding[] {
  insertFindings(db, 'b1', findings)
  return findings
}

function mark(finding: Finding, verdict: Verdict, reason = ''): void {
  markFinding(db, { finding: finding.event.id, verdict, reason, author: 'ops', at: NOW })
}

function apply(wanted: Wanted): number {
  return applyAdjustments(db, wanted, { ...OPTIONS, author: 'ops', anyway: false }).applied[0].id
}

/** A finding of the forest alone, with this vote. */
function forestFinding(n: number, vote: number): Finding {
  const finding = aFinding({ n, what: `forest ${n}`, score: vote })
  const { rule: _, ...rest } = finding
  const evidence = [{ ...finding.oddline.evidence[1], score: vote }]
  const weights = { isolation_forest: 1 }
  return { ...rest, oddline: { ...finding.oddline, votes: { isolation_forest: vote }, weights, evidence } }
}

describe('proposals', () => {
  test('allow a client whose finding is benign, by the rules that it broke, for a month', () => {
    const [first] = store(...someFindings(3))
    mark(first, 'benign', 'our own scanner')
    expect(proposals(db, NOW)).toEqual([
      {
        id: `allow-${first.event.id}`,
        adjustment: { kind: 'allow', rules: ['web-sqli-boolean'], client: '203.0.113.7' },
        findings: [first.event.id],
        reason: 'our own scanner',
        expiresAt: NOW + ALLOWED_FOR_MS,
      },
    ])
  })

  test('allow a page whose finding is false, whoever asks for it', () => {
    const [first] = store(aFinding())
    mark(first, 'false_positive')
    expect(proposals(db, NOW)[0].adjustment).toEqual({
      kind: 'allow',
      rules: ['web-sqli-boolean'],
      target: '/items',
    })
  })

  test('say once what several verdicts speak for, and nothing of what is in force', () => {
    const findings = store(...someFindings(3))
    for (const finding of findings) mark(finding, 'benign')
    const [only, ...more] = proposals(db, NOW)
    expect([only.findings.length, more]).toEqual([3, []])
    apply({ proposals: [only.id] })
    mark(store(aFinding({ n: 9 }))[0], 'benign')
    expect(proposals(db, NOW)).toEqual([])
  })

  test('raise the threshold of a model above three false positives and below every hit', () => {
    const wrong = store(...[0.5, 0.55, 0.6, 0.8].map((vote, n) => forestFinding(n, vote)))
    const [hit] = store(forestFinding(9, 0.7))
    mark(hit, 'true_positive')
    for (const finding of wrong.slice(0, 2)) mark(finding, 'false_positive')
    expect(proposals(db, NOW)).toEqual([])
    mark(wrong[2], 'false_positive')
    mark(wrong[3], 'false_positive')
    const [threshold] = proposals(db, NOW)
    expect(threshold).toMatchObject({
      id: 'threshold-isolation_forest',
      adjustment: { kind: 'threshold', model: 'isolation_forest', min_score: 0.6001 },
    })
    expect(backtest(db, [threshold], OPTIONS)).toMatchObject({
      suppressed: { false_positive: 3, true_positive: 0, unjudged: 0 },
      lostHits: [],
    })
  })

  test('do not come of a hit', () => {
    mark(store(aFinding())[0], 'true_positive')
    expect(proposals(db, NOW)).toEqual([])
  })
})

describe('a backtest', () => {
  test('tells what would not have been found, by verdict, rule and model', () => {
    const [wrong, hit] = store(
      aFinding({ score: 0.75 }),
      aFinding({ n: 1, score: 0.76 }),
      aFinding({ n: 2, score: 0.77 }),
      aFinding({ n: 3, who: '198.51.100.1', score: 0.75 }),
    )
    mark(wrong, 'benign')
    mark(hit, 'true_positive')
    const result = backtest(db, proposals(db, NOW), OPTIONS)
    expect(result).toMatchObject({
      findings: 4,
      suppressed: { true_positive: 1, false_positive: 0, benign: 1, unjudged: 1 },
      weakened: { true_positive: 0, false_positive: 0, benign: 0, unjudged: 0 },
      byRule: { 'web-sqli-boolean': 3 },
      byModel: { isolation_forest: 3 },
      lostHits: [hit.event.id],
    })
    expect(result.examples.map(({ oddline }) => oddline.score)).toEqual([0.77, 0.76, 0.75])
  })

  test('leaves out what is spared already, and changes nothing', () => {
    store(aFinding({ score: 0.75 }))
    const allow = { kind: 'allow', client: '203.0.113.7' } as const
    const wanted = { adjustment: allow, reason: 'known' }
    expect(tryAdjustments(db, wanted, OPTIONS).suppressed.unjudged).toBe(1)
    expect(allAdjustments(db)).toEqual([])
    apply(wanted)
    expect(tryAdjustments(db, wanted, OPTIONS).suppressed.unjudged).toBe(0)
  })

  test('refuses an adjustment that would suppress every finding', () => {
    expect(() => tryAdjustments(db, { adjustment: { kind: 'allow' } }, OPTIONS)).toThrow('suppress every finding')
  })
})

describe('an adjustment', () => {
  const allow = { adjustment: { kind: 'allow', client: '203.0.113.7' }, reason: 'known' } as const

  test('holds from the batch after it was applied to the one before it is reverted', () => {
    const id = apply(allow)
    const ids = (at: number) => adjustmentsAt(db, at).map((one) => one.id)
    expect([ids(NOW - 1), ids(NOW)]).toEqual([[], [id]])
    revertAdjustment(db, id, NOW + 10)
    expect(() => revertAdjustment(db, id, NOW + 11)).toThrow(`No adjustment ${id} is in force`)
    expect([ids(NOW + 9), ids(NOW + 10)]).toEqual([[id], []])
    expect(allAdjustments(db)).toMatchObject([{ id, endedAt: NOW + 10, reason: 'known', author: 'ops' }])
  })

  test('ends with the only verdict that it came of', () => {
    const [finding] = store(aFinding())
    mark(finding, 'benign')
    const id = apply({ proposals: 'all' })
    expect(unmarkFinding(db, finding.event.id, NOW + 1)).toEqual([id])
    expect(adjustmentsAt(db, NOW + 2)).toEqual([])
    expect(() => unmarkFinding(db, finding.event.id, NOW + 1)).toThrow('Nobody has judged')
  })

  test('counts what it has done', () => {
    const id = apply(allow)
    for (const suppressed of [2, 3]) countAdjusted(db, new Map([[id, { suppressed, weakened: 1 }]]))
    expect(allAdjustments(db)).toMatchObject([{ suppressed: 5, weakened: 2 }])
  })
})

test('precision is told for every rule and every model that was for a finding', () => {
  const [hit, wrong] = store(aFinding(), aFinding({ n: 1 }), forestFinding(2, 0.8))
  mark(hit, 'true_positive')
  mark(wrong, 'false_positive')
  expect(precisions(db)).toEqual([
    {
      detector: 'rules',
      rule: 'web-sqli-boolean',
      title: 'SQL injection: boolean test',
      findings: 2,
      verdicts: { true_positive: 1, false_positive: 1, benign: 0 },
    },
    {
      detector: 'isolation_forest',
      rule: '',
      title: '',
      findings: 1,
      verdicts: { true_positive: 0, false_positive: 0, benign: 0 },
    },
  ])
})

test('a verdict on a finding that there is not is refused', () => {
  expect(() => mark(aFinding({ n: 77 }), 'benign')).toThrow('There is no finding')
})
