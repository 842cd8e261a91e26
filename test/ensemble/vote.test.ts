import { expect, test } from 'vitest'
import type { EventBlock } from '../../src/core/block.ts'
import { type Ballot, vote } from '../../src/ensemble/vote.ts'

const block = (count: number) => ({ count }) as EventBlock
const ballot = (detector: Ballot['detector'], weight: number, ...scores: number[]): Ballot => ({
  detector,
  weight,
  scores: Float32Array.from(scores),
})

test('weights are renormalised over the detectors that have an opinion', () => {
  const [verdict] = vote(
    block(1),
    [ballot('rules', 0.8, NaN), ballot('isolation_forest', 0.6, 0.9), ballot('transformer', 0.7, 0.5)],
    0.5,
  )
  expect(verdict.score).toBeCloseTo((0.6 * 0.9 + 0.7 * 0.5) / 1.3, 3)
  expect(verdict.weights).toEqual({ isolation_forest: 0.4615, transformer: 0.5385 })
})

test('the models cannot vote a rule down, and can raise it', () => {
  const down = vote(block(1), [ballot('rules', 0.8, 0.95), ballot('isolation_forest', 0.6, 0)], 0.5)
  expect(down[0].score).toBeCloseTo(0.95, 4)
  const up = vote(block(1), [ballot('rules', 0.8, 0.5), ballot('isolation_forest', 0.6, 0.97)], 0.5)
  expect(up[0].score).toBeGreaterThan(0.5)
})

test('a rule that matched is a finding below the least score; a model alone is not', () => {
  expect(vote(block(1), [ballot('rules', 0.8, 0.1)], 0.5)).toHaveLength(1)
  expect(vote(block(1), [ballot('rules', 0.8, NaN), ballot('isolation_forest', 0.6, 0.49)], 0.5)).toHaveLength(0)
})

test('an event that nobody has an opinion of is no finding, whatever the least score', () => {
  expect(vote(block(2), [ballot('rules', 0.8, NaN, NaN)], 0)).toEqual([])
})

test('one model alone is never critical; two that agree are', () => {
  expect(vote(block(1), [ballot('isolation_forest', 0.6, 0.97)], 0.5)[0].score).toBe(0.89)
  const two = [ballot('isolation_forest', 0.6, 0.97), ballot('transformer', 0.7, 0.95)]
  expect(vote(block(1), two, 0.5)[0].score).toBeGreaterThan(0.9)
})
