import { basename, dirname, join, relative } from 'node:path'
import type { EventBlock } from '../core/columns/block.ts'
import type { Evidence, Finding, Phase } from '../core/documents/finding.ts'
import { explainMany } from '../detectors/detector.ts'
import { toFinding } from '../ensemble/finding.ts'
import { type Ballot, type Decision, vote } from '../ensemble/vote.ts'
import type { Adjust } from '../learning/adjust.ts'
import type { Voter } from '../learning/models/voter.ts'

export interface Judged {
  readonly findings: Finding[]
  /** Per event of the block, 1 if it is a finding, or would be one without adjustments that call it normal. */
  readonly flagged: Uint8Array
  /** The effect of each adjustment, by its id. */
  readonly adjusted: AdjustedCounts
}

export type AdjustedCounts = Map<number, { suppressed: number; weakened: number }>

/** The result of the vote on a block. */
export interface Verdicts {
  readonly ballots: readonly Ballot[]
  readonly verdicts: readonly Decision[]
}

export interface Judging {
  readonly phase: Phase
  readonly logDir: string
  /** Applies what people have said about such findings. */
  readonly adjust?: Adjust
}

/** Runs every detector over a block, votes, and explains the events that are findings. */
export async function judge(
  block: EventBlock,
  voters: readonly Voter[],
  options: Judging & { readonly minScore: number },
): Promise<Judged> {
  const voted = await voteOn(block, voters, options.minScore)
  return findingsOf(block, voted, await evidenceOf(block, voters, voted), options)
}

/** Has every detector score a block, and votes on it. */
export async function voteOn(block: EventBlock, voters: readonly Voter[], minScore: number): Promise<Verdicts> {
  const raw = await Promise.all(voters.map(({ detector }) => detector.score(block)))
  return decide(block, voters, raw, minScore)
}

/** The vote on a block that every detector has scored. */
export function decide(
  block: EventBlock,
  voters: readonly Voter[],
  raw: readonly Float32Array[],
  minScore: number,
): Verdicts {
  const ballots = voters.map(({ detector, weight, calibrate }, v): Ballot => {
    return { detector: detector.name, weight, scores: calibrate(block, raw[v]) }
  })
  return { ballots, verdicts: vote(block, ballots, minScore) }
}

/** Per verdict, the evidence of each detector with an opinion on the event. Each detector is asked once. */
export async function evidenceOf(
  block: EventBlock,
  voters: readonly Voter[],
  { ballots, verdicts }: Verdicts,
): Promise<Evidence[][]> {
  const evidence = verdicts.map((): Evidence[] => [])
  if (verdicts.length === 0) return evidence
  const answers = voters.map(({ detector }, v) => {
    const { scores } = ballots[v]
    const spoken = [...verdicts.keys()].filter((n) => !Number.isNaN(scores[verdicts[n].index]))
    if (spoken.length === 0) return { spoken, told: [] }
    const events = spoken.map((n) => ({ index: verdicts[n].index, calibrated: scores[verdicts[n].index] }))
    return { spoken, told: explainMany(detector, block, events) }
  })
  const told = await Promise.all(answers.map(({ told }) => told))
  for (const [v, { spoken }] of answers.entries()) {
    for (const [i, n] of spoken.entries()) evidence[n].push(told[v][i])
  }
  return evidence
}

/** The findings of a block after adjustments. */
export function findingsOf(
  block: EventBlock,
  { verdicts }: Verdicts,
  evidence: readonly Evidence[][],
  { phase, logDir, adjust }: Judging,
): Judged {
  const name = stableName(relative(logDir, block.source.path))
  const flagged = new Uint8Array(block.count)
  const findings: Finding[] = []
  const adjusted: AdjustedCounts = new Map()
  for (const [n, verdict] of verdicts.entries()) {
    const finding = toFinding(block, verdict, evidence[n], phase, name)
    const left = adjust?.(finding) ?? { kind: 'unchanged' }
    if (left.kind !== 'unchanged') count(adjusted, left.by, left.kind)
    flagged[verdict.index] = left.kind === 'suppressed' && left.normal ? 0 : 1
    if (left.kind === 'unchanged') findings.push(finding)
    else if (left.kind === 'weakened') {
      findings.push(toFinding(block, { ...verdict, ...left.verdict }, left.evidence, phase, name))
    }
  }
  return { findings, flagged, adjusted }
}

function count(counts: AdjustedCounts, by: readonly number[], what: 'suppressed' | 'weakened'): void {
  for (const id of by) {
    const sum = counts.get(id) ?? { suppressed: 0, weakened: 0 }
    counts.set(id, { ...sum, [what]: sum[what] + 1 })
  }
}

/** A file's name without what rotation adds (`a.log.1.gz` -> `a.log`), so that a finding keeps its id when its file is renamed. */
export function stableName(path: string): string {
  const name = basename(path)
    .replace(/\.(gz|zst|bz2|xz)$/, '')
    .replace(/[.-]\d{1,14}$/, '')
  return join(dirname(path), name)
}
