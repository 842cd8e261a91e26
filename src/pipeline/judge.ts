import { basename, dirname, join, relative } from 'node:path'
import type { EventBlock } from '../core/block.ts'
import type { Evidence, Finding, Phase } from '../core/finding.ts'
import { toFinding } from '../ensemble/finding.ts'
import { type Ballot, vote } from '../ensemble/vote.ts'
import type { Voter } from '../learning/force.ts'

export interface Judged {
  readonly findings: Finding[]
  /** Per event of the block, 1 where it is a finding. */
  readonly flagged: Uint8Array
}

/** Runs every detector over a block, votes, and explains the events that are findings. */
export async function judge(
  block: EventBlock,
  voters: readonly Voter[],
  options: { readonly minScore: number; readonly phase: Phase; readonly logDir: string },
): Promise<Judged> {
  const ballots: Ballot[] = []
  for (const { detector, weight, calibrate } of voters) {
    ballots.push({ detector: detector.name, weight, scores: calibrate(block, await detector.score(block)) })
  }
  const name = stableName(relative(options.logDir, block.source.path))
  const flagged = new Uint8Array(block.count)
  const findings: Finding[] = []
  for (const verdict of vote(block, ballots, options.minScore)) {
    flagged[verdict.index] = 1
    const evidence: Evidence[] = []
    for (const [v, { detector }] of voters.entries()) {
      const score = ballots[v].scores[verdict.index]
      if (!Number.isNaN(score)) evidence.push(await detector.explain(block, verdict.index, score))
    }
    findings.push(toFinding(block, verdict, evidence, options.phase, name))
  }
  return { findings, flagged }
}

/** A file's name without what rotation adds, so that a finding keeps its id when its file is renamed: `a.log.1.gz` -> `a.log`. */
export function stableName(path: string): string {
  const name = basename(path)
    .replace(/\.(gz|zst|bz2|xz)$/, '')
    .replace(/[.-]\d{1,14}$/, '')
  return join(dirname(path), name)
}
