import { basename, dirname, join, relative } from 'node:path'
import type { EventBlock } from '../core/block.ts'
import type { Evidence, Finding, Phase } from '../core/finding.ts'
import { toFinding } from '../ensemble/finding.ts'
import { type Ballot, type Verdict, vote } from '../ensemble/vote.ts'
import { explainAll } from '../learning/explain-all.ts'
import type { Voter } from '../learning/force.ts'

export interface Judged {
  readonly findings: Finding[]
  /** Per event of the block, 1 where it is a finding. */
  readonly flagged: Uint8Array
}

/** What the vote on a block came to. */
export interface Verdicts {
  readonly ballots: readonly Ballot[]
  readonly verdicts: readonly Verdict[]
  /** Per event of the block, 1 where it is a finding. */
  readonly flagged: Uint8Array
}

/** Runs every detector over a block, votes, and explains the events that are findings. */
export async function judge(
  block: EventBlock,
  voters: readonly Voter[],
  options: { readonly minScore: number; readonly phase: Phase; readonly logDir: string },
): Promise<Judged> {
  const raw = await Promise.all(voters.map(({ detector }) => detector.score(block)))
  const voted = decide(block, voters, raw, options.minScore)
  const findings = findingsOf(block, voted, await evidenceOf(block, voters, voted), options)
  return { findings, flagged: voted.flagged }
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
  const verdicts = vote(block, ballots, minScore)
  const flagged = new Uint8Array(block.count)
  for (const { index } of verdicts) flagged[index] = 1
  return { ballots, verdicts, flagged }
}

/** By verdict, what each detector with an opinion of the event has to say of it. Each detector is asked once. */
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
    return { spoken, told: explainAll(detector, block, events) }
  })
  const told = await Promise.all(answers.map(({ told }) => told))
  answers.forEach(({ spoken }, v) => {
    spoken.forEach((n, i) => evidence[n].push(told[v][i]))
  })
  return evidence
}

export function findingsOf(
  block: EventBlock,
  { verdicts }: Verdicts,
  evidence: readonly Evidence[][],
  { phase, logDir }: { readonly phase: Phase; readonly logDir: string },
): Finding[] {
  const name = stableName(relative(logDir, block.source.path))
  return verdicts.map((verdict, n) => toFinding(block, verdict, evidence[n], phase, name))
}

/** A file's name without what rotation adds, so that a finding keeps its id when its file is renamed: `a.log.1.gz` -> `a.log`. */
export function stableName(path: string): string {
  const name = basename(path)
    .replace(/\.(gz|zst|bz2|xz)$/, '')
    .replace(/[.-]\d{1,14}$/, '')
  return join(dirname(path), name)
}
