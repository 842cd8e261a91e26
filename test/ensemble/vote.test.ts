import { expect, test } from 'vitest'
import type { EventBlock } from '../../src/core/columns/block.ts'
import { seeded } from '../../src/core/random.ts'
import { toScore } from '../../src/ensemble/calibrate.ts'
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
    [ballot('rules', 0.8, NaN), ballot('isolation_forest', 0.6, 0.9), ballot('transformer', 0.7, 0.88)],
    0.5,
  )
  expect(verdict.score).toBeCloseTo((0.6 * 0.9 + 0.7 * 0.88) / 1.3, 3)
  expect(verdict.weights).toEqual({ isolation_forest: 0.4615, transformer: 0.5385 })
})

test('a model that sees nothing odd does not vote another one down, whose score pays for the asking', () => {
  const ballots = [ballot('isolation_forest', 0.6, 0.8), ballot('transformer', 0.7, 0.02)]
  expect(vote(block(1), ballots, 0.5)[0].score).toBeCloseTo(0.8 + 0.1 * Math.log10(0.6 / 1.3), 3)
})

test('two models together call no more of what is normal odd than the contamination', () => {
  const [events, contamination] = [200_000, 0.01]
  const random = seeded(3)
  const normal = () => Float32Array.from({ length: events }, () => toScore(random(), contamination))
  const ballots: Ballot[] = [
    { detector: 'isolation_forest', weight: 0.6, scores: normal() },
    { detector: 'transformer', weight: 0.7, scores: normal() },
  ]
  const share = vote(block(events), ballots, 0.5).length / events
  expect(share).toBeLessThan(contamination * 1.05)
  expect(share).toBeGreaterThan(contamination * 0.9)
})

test('a model without weight is not heard', () => {
  const ballots = [ballot('isolation_forest', 0, 0.97), ballot('transformer', 0.7, 0.1)]
  expect(vote(block(1), ballots, 0.5)).toEqual([])
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
