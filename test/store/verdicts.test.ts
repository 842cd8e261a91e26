import { expect, test } from 'vitest'
import type { StoredVerdict } from '../../src/core/documents/verdict.ts'
import {
  countVerdicts,
  judgedFindings,
  storedFindings,
  verdictsByRule,
  verdictsMade,
  verdictsOf,
} from '../../src/queries/verdicts.ts'
import type { Database } from '../../src/store/database.ts'
import { removeVerdict, saveVerdict } from '../../src/store/verdicts.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { withFindings } from './support.ts'

const id = (n: number) => aFinding({ n }).event.id

const said = (n: number, verdict: StoredVerdict['verdict'], at = n): StoredVerdict => ({
  ...{ finding: id(n), verdict, reason: `reason ${n}`, author: 'ann', at },
})

/** Four findings: an attack, a false alarm, a known scan, and one that nobody has judged. */
function judged(): Database {
  const db = withFindings(4)
  for (const verdict of [said(0, 'true_positive'), said(1, 'false_positive'), said(2, 'benign')])
    saveVerdict(db, verdict)
  return db
}

test('the latest word on a finding counts', () => {
  const db = judged()
  saveVerdict(db, { ...said(0, 'benign', 50), author: 'bob' })
  expect(verdictsOf(db, [id(0), id(3), 'unknown'])).toEqual(
    new Map([[id(0), { ...said(0, 'benign', 50), author: 'bob' }]]),
  )
  expect(countVerdicts(db)).toEqual({ true_positive: 0, false_positive: 1, benign: 2 })
})

test('a word that is taken back leaves the finding as if nobody had judged it', () => {
  const db = judged()
  expect([removeVerdict(db, id(1)), removeVerdict(db, id(1))]).toEqual([true, false])
  expect(countVerdicts(db)).toEqual({ true_positive: 1, false_positive: 0, benign: 1 })
  expect(verdictsOf(db, [id(1)]).size).toBe(0)
})

test('a verdict on a finding that is not stored, or that is no verdict, is refused', () => {
  const db = judged()
  expect(() => saveVerdict(db, { ...said(0, 'benign'), finding: 'unknown' })).toThrow(/FOREIGN KEY/)
  expect(() => saveVerdict(db, { ...said(3, 'benign'), verdict: 'maybe' as never })).toThrow(/CHECK/)
  expect(verdictsMade(db, 9)).toHaveLength(3)
})

test('verdicts go with the finding that they are about', () => {
  const db = judged()
  db.prepare('DELETE FROM findings WHERE id = ?').run(id(0))
  expect(verdictsMade(db, 9)).toEqual([said(2, 'benign'), said(1, 'false_positive')])
})

test('judged findings come with what was said, the last word first', () => {
  const db = judged()
  expect(judgedFindings(db)).toEqual(
    [said(2, 'benign'), said(1, 'false_positive'), said(0, 'true_positive')].map((verdict, i) => ({
      ...{ verdict, finding: someFindings(3)[2 - i] },
    })),
  )
  expect(verdictsMade(db, 2).map(({ at }) => at)).toEqual([2, 1])
})

test('the newest findings come first, judged or not, as many as are asked for', () => {
  const stored = [...storedFindings(judged(), 3)]
  expect(stored.map(({ finding, verdict }) => [finding.event.id, verdict])).toEqual([
    [id(3), null],
    [id(2), 'benign'],
    [id(1), 'false_positive'],
  ])
})

test('a rule is told by what people said of its findings', () => {
  expect(verdictsByRule(judged())).toEqual([
    expect.objectContaining({
      ...{ rule: 'web-sqli-boolean', findings: 4, verdicts: { true_positive: 1, false_positive: 1, benign: 1 } },
    }),
  ])
})
