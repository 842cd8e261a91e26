import type { DetectAnswer, DetectRequest } from '../core/analysis.ts'
import type { EventBlock } from '../core/block.ts'
import type { Phase, RuleMatch } from '../core/finding.ts'
import { type Ballot, type Verdict, vote } from '../ensemble/vote.ts'
import type { Voter } from '../learning/force.ts'
import { DetectionWriter } from './detection-json.ts'
import { type Line, parseLines } from './line-blocks.ts'
import type { Parser } from './ports.ts'

export interface DetectContext {
  readonly parser: Parser
  readonly voters: readonly Voter[]
  readonly phase: Phase
  readonly minScore: number
  readonly now: number
  /** Lines judged before these, ever. */
  readonly processed: number
}

/** Every event is a verdict at this score, findings or not. */
const ALL = -1
const SILENCE: Verdict = { index: 0, score: 0, votes: {}, weights: {} }

/** Judges the lines of several requests together, each in its session, and says of each what every detector thinks. */
export async function detectLines(requests: readonly DetectRequest[], context: DetectContext): Promise<DetectAnswer[]> {
  const lines = requests.flatMap(({ lines, session }) => lines.map((text): Line => ({ text, session })))
  const ready = new Set(context.voters.map(({ detector }) => detector.name))
  const writer = new DetectionWriter({ ...context, ready })
  const { blocks, refused } = parseLines(context.parser, lines, context.now)
  const json = new Array<string>(lines.length)
  const odd = new Uint8Array(lines.length)
  for (const { events, line } of blocks) {
    const ballots: Ballot[] = []
    for (const { detector, weight, calibrate } of context.voters) {
      ballots.push({ detector: detector.name, weight, scores: calibrate(events, await detector.score(events)) })
    }
    const verdicts = new Array<Verdict | undefined>(events.count)
    for (const verdict of vote(events, ballots, ALL)) verdicts[verdict.index] = verdict
    for (let i = 0; i < events.count; i++) {
      const verdict = verdicts[i] ?? SILENCE
      const matches = verdict.votes.rules === undefined ? [] : await matchesOf(events, i, ballots, context.voters)
      json[line[i]] = writer.event(line[i], events, i, verdict, matches)
      odd[line[i]] = writer.isAnomaly(verdict) ? 1 : 0
    }
  }
  for (let line = 0; line < lines.length; line++) {
    json[line] ??= writer.notUnderstood(line, lines[line].text, refused.get(line) ?? 'the line is blank')
  }
  return answersOf(requests, json, odd)
}

async function matchesOf(
  events: EventBlock,
  index: number,
  ballots: readonly Ballot[],
  voters: readonly Voter[],
): Promise<readonly RuleMatch[]> {
  const rules = ballots.findIndex(({ detector }) => detector === 'rules')
  const evidence = await voters[rules].detector.explain(events, index, ballots[rules].scores[index])
  return evidence.detector === 'rules' ? evidence.matches : []
}

/** Each request's share, as slices of one buffer. */
function answersOf(requests: readonly DetectRequest[], json: readonly string[], odd: Uint8Array): DetectAnswer[] {
  const texts: string[] = []
  const anomalies: number[] = []
  let line = 0
  for (const { lines } of requests) {
    const end = line + lines.length
    texts.push(json.slice(line, end).join(','))
    anomalies.push(odd.subarray(line, end).reduce((sum, one) => sum + one, 0))
    line = end
  }
  const sizes = texts.map((text) => Buffer.byteLength(text))
  const buffer = new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0))
  const bytes = Buffer.from(buffer)
  let at = 0
  return texts.map((text, i) => {
    bytes.write(text, at)
    at += sizes[i]
    return { json: new Uint8Array(buffer, at - sizes[i], sizes[i]), anomalies: anomalies[i] }
  })
}
