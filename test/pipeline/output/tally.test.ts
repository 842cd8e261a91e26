import { expect, test } from 'vitest'
import { Tally } from '../../../src/pipeline/output/tally.ts'
import { aFinding } from '../../support/blocks/findings.ts'

const account = (path: string, lines: number) => ({
  path,
  format: 'access' as const,
  counts: { lines, parsed: lines - 2, rejected: 1, skipped: 1, truncated: 0 },
  bytes: 100 * lines,
  rejects: [],
  moved: [],
})

test('counts lines per file and in all, and findings by what they are', () => {
  const tally = new Tally()
  tally.block(account('a.log', 10), Float64Array.of(0, 30_000, 90_000))
  tally.block(account('a.log', 5), Float64Array.of(100_000))
  tally.block(account('b.log', 3), new Float64Array())
  tally.findings([
    { finding: aFinding({ path: 'a.log', what: 'sqli' }) },
    { finding: aFinding({ path: 'b.log', what: 'xss' }) },
  ])
  const { totals } = tally
  expect(totals).toMatchObject({ lines: 18, bytes: 1800, parsed: 12, rejected: 3, skipped: 3 })
  expect(totals.files.map(({ path, lines, findings }) => [path, lines, findings])).toEqual([
    ['a.log', 15, 1],
    ['b.log', 3, 1],
  ])
  expect(totals.findings).toMatchObject({ total: 2, by_attack_type: { sqli: 1, xss: 1 } })
  expect(totals.traffic?.counts).toEqual({ 0: 2, 1: 2 })
})

test('goes on from what an interrupted batch had counted', () => {
  const before = new Tally()
  before.block(account('a.log', 10), new Float64Array())
  const after = new Tally(JSON.stringify(before.totals))
  after.block(account('a.log', 4), new Float64Array())
  after.findings([{ finding: aFinding({ path: 'a.log' }) }])
  expect(after.totals.lines).toBe(14)
  expect(after.totals.files).toMatchObject([{ path: 'a.log', lines: 14, findings: 1 }])
})

test('says a problem of a file once', () => {
  const tally = new Tally()
  const problem = { path: 'a.gz', kind: 'corrupt_gzip', detail: 'after 10 bytes' } as const
  tally.problems([problem])
  tally.problems([
    { ...problem, detail: 'after 20 bytes' },
    { ...problem, path: 'b.gz' },
  ])
  expect(tally.totals.problems.map(({ path, detail }) => [path, detail])).toEqual([
    ['a.gz', 'after 10 bytes'],
    ['b.gz', 'after 10 bytes'],
  ])
})

test('hands the effects of adjustments to one commit only, and keeps them in the totals', () => {
  const tally = new Tally()
  tally.adjusted(new Map([[1, { suppressed: 2, weakened: 0 }]]))
  tally.adjusted(new Map([[1, { suppressed: 1, weakened: 1 }]]))
  expect([...tally.takeAdjusted()]).toEqual([[1, { suppressed: 3, weakened: 1 }]])
  expect([...tally.takeAdjusted()]).toEqual([])
  expect(tally.totals.adjusted).toEqual({ suppressed: 3, weakened: 1 })
})

test('lists the first rejects of each file and reason, and counts the others', () => {
  const reject = (reason: string, line: number) => ({ line, offset: 0, length: 1, reason, text: 'x' })
  const many = [reject('no time', 1), reject('no time', 2), reject('no host', 3), reject('no time', 4)]
  const before = new Tally()
  expect(before.rejects('a.log', 'syslog', many, 2).map(({ line }) => line)).toEqual([1, 2, 3])
  const after = new Tally(JSON.stringify(before.totals))
  expect(after.rejects('a.log', 'syslog', [reject('no time', 5)], 2)).toEqual([])
  expect(after.rejects('b.log', 'syslog', [reject('no time', 1)], 2)).toHaveLength(1)
  expect(after.rejects('a.log', 'syslog', [reject('no time (column 7)', 6)], 2)).toEqual([])
  expect(after.totals.files.map((file) => file.reject_reasons)).toEqual([
    { 'no time': 5, 'no host': 1 },
    { 'no time': 1 },
  ])
  expect(after.totals.rejects_unlisted).toBe(3)
})
