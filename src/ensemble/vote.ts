import type { EventBlock } from '../core/columns/block.ts'
import type { DetectorName } from '../core/documents/finding.ts'
import { PER_DECADE } from './calibrate.ts'

/** One detector's opinions of a block, made comparable: scores 0 to 1, NaN where it has none. */
export interface Ballot {
  readonly detector: DetectorName
  readonly weight: number
  readonly scores: Float32Array
}

export interface Decision {
  readonly index: number
  /** 0 to 1. */
  readonly score: number
  readonly votes: Partial<Record<DetectorName, number>>
  /** Weights as used, summing to 1. */
  readonly weights: Partial<Record<DetectorName, number>>
}

/** Just below critical: nobody is woken at night by one model alone, without a rule or another model that agrees. */
const LONE_MODEL_CAP = 0.89

/**
 * The events of a block that are findings: those that a rule names, and those whose score reaches `minScore`. The score
 * is the highest of three:
 *
 * - what the strongest model says, less what it costs to have asked several: by the weighted Bonferroni method (Genovese
 *   et al. 2006) a share of normal events of p counts as p / w, w being the model's part of the weights, so that all of
 *   them together call odd no more than the contamination. A model that sees nothing odd does not vote another down: an
 *   attack in a parameter is an ordinary step to whoever looks at the order of pages.
 * - the weighted mean over the detectors with an opinion, which is how they raise each other above what one may say;
 * - the level of the rule that matched, as a floor: a signature is a fact and a model's silence is not. A rule that does
 *   not match abstains for the same reason.
 */
export function vote(block: EventBlock, ballots: readonly Ballot[], minScore: number): Decision[] {
  const verdicts: Decision[] = []
  for (let i = 0; i < block.count; i++) {
    let sum = 0
    let weight = 0
    let floor = -1
    let voices = 0
    let highest = 0
    for (const ballot of ballots) {
      const score = ballot.scores[i]
      if (Number.isNaN(score)) continue
      sum += score * ballot.weight
      weight += ballot.weight
      voices++
      if (score > highest) highest = score
      if (ballot.detector === 'rules') floor = score
    }
    // Neither the strongest model nor the mean comes to more.
    if (floor < 0 && highest < minScore) continue
    const strongest = Math.min(LONE_MODEL_CAP, strongestModel(ballots, i, weight))
    const mean = weight > 0 && voices > 1 ? sum / weight : 0
    const score = Math.max(floor, strongest, mean)
    if (floor >= 0 || (weight > 0 && score >= minScore)) verdicts.push(detail(i, score, ballots, weight))
  }
  return verdicts
}

function strongestModel(ballots: readonly Ballot[], index: number, total: number): number {
  let strongest = 0
  for (const { detector, weight, scores } of ballots) {
    const score = scores[index]
    if (detector === 'rules' || Number.isNaN(score) || score <= strongest || weight <= 0) continue
    strongest = Math.max(strongest, score + PER_DECADE * Math.log10(weight / total))
  }
  return strongest
}

function detail(index: number, score: number, ballots: readonly Ballot[], total: number): Decision {
  const votes: Decision['votes'] = {}
  const weights: Decision['weights'] = {}
  for (const { detector, weight, scores } of ballots) {
    if (Number.isNaN(scores[index])) continue
    votes[detector] = round(scores[index])
    weights[detector] = total > 0 ? round(weight / total) : 0
  }
  return { index, score: round(Math.min(1, score)), votes, weights }
}

/** Four decimals: what a person reads, and the same text on every machine. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
