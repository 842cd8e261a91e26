import { afterEach, beforeEach, expect, it } from 'vitest'
import { lastDayText } from '../../../src/faces/cli/review/last-day.ts'
import { sparkline } from '../../../src/faces/cli/review/sparkline.ts'
import { makeFinding, NOON } from '../support/findings.ts'
import { makeState, recordBatch, type TestState } from '../support/state.ts'

let state: TestState
beforeEach(() => {
  state = makeState()
})
afterEach(() => state.remove())

it('draws a bar for each number, none for nothing', () => {
  expect(sparkline([0, 1, 4, 8])).toBe(' ▁▄█')
  expect(sparkline([0, 0])).toBe('  ')
})

it('says how the last day went, and nothing where nothing happened', () => {
  expect(lastDayText(state.db, NOON)).toBe('')
  recordBatch(state.db, 'b1', [makeFinding({ at: NOON - 1000 }), makeFinding({ at: NOON - 3_600_000 * 30, line: 2 })])
  expect(lastDayText(state.db, NOON)).toMatch(/Findings\s+\|.*█\|\s+1$/)
})
