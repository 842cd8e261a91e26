import type { EventBlock } from '../core/block.ts'
import type { DetectorName } from '../core/finding.ts'

/** One detector's opinions of a block, made comparable: scores 0 to 1, NaN where it has none. */
export interface Ballot {
  readonly detector: DetectorName
  readonly weight: number
  readonly scores: Float32Array
}

export interface Verdict {
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
 * The events of a block that are findings: those that a rule names, and those whose weighted mean over the detectors
 * with an opinion reaches `minScore`. A rule's level is a floor: the models raise it and never vote it down, because a
 * signature is a fact and a model's silence is not; a rule that does not match abstains for the same reason.
 */
export function vote(block: EventBlock, ballots: readonly Ballot[], minScore: number): Verdict[] {
  const verdicts: Verdict[] = []
  for (let i = 0; i < block.count; i++) {
    let sum = 0
    let weight = 0
    let floor = -1
    let voices = 0
    for (const ballot of ballots) {
      const score = ballot.scores[i]
      if (Number.isNaN(score)) continue
      sum += score * ballot.weight
      weight += ballot.weight
      voices++
      if (ballot.detector === 'rules') floor = score
    }
    const mean = weight > 0 ? sum / weight : 0
    const score = voices === 1 && floor < 0 ? Math.min(mean, LONE_MODEL_CAP) : Math.max(floor, mean)
    if (floor >= 0 || (weight > 0 && score >= minScore)) verdicts.push(detail(i, score, ballots, weight))
  }
  return verdicts
}

function detail(index: number, score: number, ballots: readonly Ballot[], total: number): Verdict {
  const votes: Verdict['votes'] = {}
  const weights: Verdict['weights'] = {}
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
