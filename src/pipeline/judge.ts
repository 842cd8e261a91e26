import { basename, dirname, join, relative } from 'node:path'
import type { EventBlock } from '../core/block.ts'
import type { Evidence, Finding, Phase } from '../core/finding.ts'
import { toFinding } from '../ensemble/finding.ts'
import { type Ballot, vote } from '../ensemble/vote.ts'
import type { Adjust } from '../learning/adjust.ts'
import type { Voter } from '../learning/force.ts'

export interface Judged {
  readonly findings: Finding[]
  /** Per event of the block, 1 where it is a finding, or would be one if nobody had excused it. */
  readonly flagged: Uint8Array
  /** What each adjustment did, by its id. */
  readonly adjusted: AdjustedCounts
}

export type AdjustedCounts = Map<number, { suppressed: number; weakened: number }>

/** Findings that are explained side by side: enough to keep threads busy, few enough to hold. */
const EXPLAINED_AT_ONCE = 256

/** Runs every detector over a block, votes, and explains the events that are findings. */
export async function judge(
  block: EventBlock,
  voters: readonly Voter[],
  options: {
    readonly minScore: number
    readonly phase: Phase
    readonly logDir: string
    /** What people have said of findings like these. */
    readonly adjust?: Adjust
  },
): Promise<Judged> {
  const asked: (Float32Array | Promise<Float32Array>)[] = new Array(voters.length)
  // The learnt detectors may have threads of their own: they are asked before the rules, which keep this one busy.
  for (let v = voters.length - 1; v >= 0; v--) asked[v] = voters[v].detector.score(block)
  const ballots: Ballot[] = (await Promise.all(asked)).map((raw, v) => {
    const { detector, weight, calibrate } = voters[v]
    return { detector: detector.name, weight, scores: calibrate(block, raw) }
  })
  const name = stableName(relative(options.logDir, block.source.path))
  const flagged = new Uint8Array(block.count)
  const findings: Finding[] = []
  const adjusted: AdjustedCounts = new Map()
  const verdicts = vote(block, ballots, options.minScore)
  for (let from = 0; from < verdicts.length; from += EXPLAINED_AT_ONCE) {
    const part = verdicts.slice(from, from + EXPLAINED_AT_ONCE)
    const evidence = await Promise.all(part.map(({ index }) => evidenceOf(block, index, voters, ballots)))
    for (const [i, verdict] of part.entries()) {
      const finding = toFinding(block, verdict, evidence[i], options.phase, name)
      const left = options.adjust?.(finding) ?? { kind: 'unchanged' }
      if (left.kind !== 'unchanged') count(adjusted, left.by, left.kind)
      flagged[verdict.index] = left.kind === 'suppressed' && left.normal ? 0 : 1
      if (left.kind === 'unchanged') findings.push(finding)
      else if (left.kind === 'weakened') {
        findings.push(toFinding(block, { ...verdict, ...left.verdict }, left.evidence, options.phase, name))
      }
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

/** What each detector with an opinion of an event has to say of it. */
function evidenceOf(
  block: EventBlock,
  index: number,
  voters: readonly Voter[],
  ballots: readonly Ballot[],
): Promise<Evidence[]> {
  const speaking = voters.map(({ detector }, v) => ({ detector, score: ballots[v].scores[index] }))
  return Promise.all(
    speaking
      .filter(({ score }) => !Number.isNaN(score))
      .map(({ detector, score }) => detector.explain(block, index, score)),
  )
}

/** A file's name without what rotation adds, so that a finding keeps its id when its file is renamed: `a.log.1.gz` -> `a.log`. */
export function stableName(path: string): string {
  const name = basename(path)
    .replace(/\.(gz|zst|bz2|xz)$/, '')
    .replace(/[.-]\d{1,14}$/, '')
  return join(dirname(path), name)
}
