import { basename, dirname, join, relative } from 'node:path'
import type { EventBlock } from '../core/block.ts'
import type { Evidence, Finding, Phase } from '../core/finding.ts'
import type { Detector } from '../detectors/detector.ts'
import { toFinding } from '../ensemble/finding.ts'
import { type Ballot, vote } from '../ensemble/vote.ts'

/** A detector as the ensemble hears it. */
export interface Voter {
  readonly detector: Detector
  readonly weight: number
  /** Raw scores to calibrated ones, 0 to 1, NaN kept; in place. */
  calibrate(scores: Float32Array): void
}

/** Runs every detector over a block, votes, and explains the events that are findings. */
export async function judge(
  block: EventBlock,
  voters: readonly Voter[],
  options: { readonly minScore: number; readonly phase: Phase; readonly logDir: string },
): Promise<Finding[]> {
  const ballots: Ballot[] = []
  for (const { detector, weight, calibrate } of voters) {
    const scores = await detector.score(block)
    calibrate(scores)
    ballots.push({ detector: detector.name, weight, scores })
  }
  const name = stableName(relative(options.logDir, block.source.path))
  const findings: Finding[] = []
  for (const verdict of vote(block, ballots, options.minScore)) {
    const evidence: Evidence[] = []
    for (const [v, { detector }] of voters.entries()) {
      const score = ballots[v].scores[verdict.index]
      if (!Number.isNaN(score)) evidence.push(await detector.explain(block, verdict.index, score))
    }
    findings.push(toFinding(block, verdict, evidence, options.phase, name))
  }
  return findings
}

/** A file's name without what rotation adds, so that a finding keeps its id when its file is renamed: `a.log.1.gz` -> `a.log`. */
export function stableName(path: string): string {
  const name = basename(path)
    .replace(/\.(gz|zst|bz2|xz)$/, '')
    .replace(/[.-]\d{1,14}$/, '')
  return join(dirname(path), name)
}
