import type { EventBlock } from '../core/columns/block.ts'
import type { DetectorName } from '../core/documents/finding.ts'
import { PER_DECADE } from './calibrate.ts'

/** The calibrated scores of one detector for a block, 0 to 1; NaN where it abstains. */
export interface Ballot {
  readonly detector: DetectorName
  readonly weight: number
  readonly scores: Float32Array
}

/** The result of the vote on one event. */
export interface Decision {
  /** Index of the event in its block. */
  readonly index: number
  /** 0 to 1. */
  readonly score: number
  /** Calibrated score of each detector that did not abstain. */
  readonly votes: Partial<Record<DetectorName, number>>
  /** Weights of these detectors, normalised to a sum of 1. */
  readonly weights: Partial<Record<DetectorName, number>>
}

/** Just below critical. One model alone never makes a finding critical; it takes a rule or a second model. */
const LONE_MODEL_CAP = 0.89

/**
 * Votes on a block. An event is a finding if a rule matched it or if its score reaches `minScore`. The score is the highest
 * of three values:
 *
 * - The strongest model, corrected for the number of models by the weighted Bonferroni method (Genovese et al. 2006): a
 *   share p of normal events counts as p / w, where w is the model's normalised weight. So all models together flag
 *   at most the contamination. A model that sees nothing cannot vote another down: an attack in a parameter is an
 *   ordinary step to a model that looks at the order of pages.
 * - The weighted mean of all detectors that do not abstain. Agreement raises a score above the cap for a single model.
 * - The level of the matched rule, as a floor, because a signature is a fact. Rules that do not match abstain.
 *
 * @returns the findings in the order of the block
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
    // `highest` bounds both the strongest model and the mean.
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

/** Rounds to four decimals, so that the text is the same on every machine. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
