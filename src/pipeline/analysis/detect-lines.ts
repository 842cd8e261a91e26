import type { EventBlock } from '../../core/columns/block.ts'
import type { DetectAnswer, DetectRequest } from '../../core/documents/analysis.ts'
import type { Evidence, Phase, RuleMatch } from '../../core/documents/finding.ts'
import { toFinding } from '../../ensemble/finding.ts'
import type { Ballot, Decision } from '../../ensemble/vote.ts'
import type { Adjust } from '../../learning/adjust.ts'
import type { Voter } from '../../learning/models/voter.ts'
import { evidenceOf, voteOn } from '../judge.ts'
import type { Parser } from '../source/block-source.ts'
import { DetectionWriter } from './detection-json.ts'
import { type Line, parseLines } from './line-blocks.ts'

export interface DetectContext {
  readonly parser: Parser
  readonly voters: readonly Voter[]
  readonly phase: Phase
  readonly minScore: number
  readonly now: number
  /** Number of lines that were judged before these. */
  readonly processed: number
  /** Applies what people have said about such findings; absent if they have said nothing. */
  readonly adjust?: Adjust
}

/** At this score every event has a verdict, not only findings. */
const ALL = -1
const SILENCE: Decision = { index: 0, score: 0, votes: {}, weights: {} }

/** Judges the lines of several requests together, each line in its session, and writes what every detector says of it. */
export async function detectLines(requests: readonly DetectRequest[], context: DetectContext): Promise<DetectAnswer[]> {
  const lines = requests.flatMap(({ lines, session }) => lines.map((text): Line => ({ text, session })))
  const ready = new Set(context.voters.map(({ detector }) => detector.name))
  const writer = new DetectionWriter({ ...context, ready })
  const { blocks, refused } = parseLines(context.parser, lines, context.now)
  const json = new Array<string>(lines.length)
  const odd = new Uint8Array(lines.length)
  for (const { events, line } of blocks) {
    const { ballots, verdicts } = await voteOn(events, context.voters, ALL)
    const voted = new Array<Decision | undefined>(events.count)
    for (const verdict of verdicts) voted[verdict.index] = verdict
    for (let i = 0; i < events.count; i++) {
      const said = voted[i] ?? SILENCE
      // Most lines are ordinary and need no explanation.
      const { verdict, matches } = !writer.isAnomaly(said)
        ? { verdict: said, matches: [] }
        : await explained(events, said, ballots, context)
      json[line[i]] = writer.event(line[i], events, i, verdict, matches)
      odd[line[i]] = writer.isAnomaly(verdict) ? 1 : 0
    }
  }
  for (let line = 0; line < lines.length; line++) {
    json[line] ??= writer.notUnderstood(line, lines[line].text, refused.get(line) ?? 'the line is blank')
  }
  return answersOf(requests, json, odd)
}

/** The verdict on an anomaly after adjustments, and the rules that matched. A suppressed one is no anomaly. */
async function explained(
  events: EventBlock,
  said: Decision,
  ballots: readonly Ballot[],
  { voters, phase, adjust }: DetectContext,
): Promise<{ readonly verdict: Decision; readonly matches: readonly RuleMatch[] }> {
  if (!adjust && said.votes.rules === undefined) return { verdict: said, matches: [] }
  const asked = adjust ? voters : voters.filter(({ detector }) => detector.name === 'rules')
  const heard = ballots.filter(({ detector }) => asked.some((voter) => voter.detector.name === detector))
  const [evidence] = await evidenceOf(events, asked, { ballots: heard, verdicts: [said] })
  const left = adjust?.(toFinding(events, said, evidence, phase, events.source.path)) ?? { kind: 'unchanged' }
  if (left.kind === 'suppressed') return { verdict: { ...SILENCE, index: said.index }, matches: [] }
  if (left.kind === 'unchanged') return { verdict: said, matches: rulesOf(evidence) }
  return { verdict: { ...said, ...left.verdict }, matches: rulesOf(left.evidence) }
}

function rulesOf(evidence: readonly Evidence[]): readonly RuleMatch[] {
  return evidence.find((one) => one.detector === 'rules')?.matches ?? []
}

/** The answer to each request. All answers are slices of one buffer. */
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
