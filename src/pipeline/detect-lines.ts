import type { DetectAnswers, DetectRequest } from '../core/analysis.ts'
import type { EventBlock } from '../core/block.ts'
import type { Detection } from '../core/detection.ts'
import type { DetectorName, Phase, RuleMatch } from '../core/finding.ts'
import { type Ballot, type Verdict, vote } from '../ensemble/vote.ts'
import type { Voter } from '../learning/force.ts'
import { parseLines } from './line-blocks.ts'
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

/** Judges lines together, each in its session, and says of each what every detector thinks. */
export async function detectLines(requests: readonly DetectRequest[], context: DetectContext): Promise<DetectAnswers> {
  const { blocks, refused } = parseLines(context.parser, requests, context.now)
  const json = new Array<string>(requests.length)
  const odd = new Array<boolean>(requests.length).fill(false)
  const answer = (line: number, detection: Detection) => {
    json[line] = JSON.stringify(detection)
    odd[line] = detection.is_anomaly
  }
  for (const { events, line } of blocks) {
    const ballots: Ballot[] = []
    for (const { detector, weight, calibrate } of context.voters) {
      ballots.push({ detector: detector.name, weight, scores: calibrate(events, await detector.score(events)) })
    }
    const verdicts = new Map(vote(events, ballots, ALL).map((verdict) => [verdict.index, verdict] as const))
    for (let i = 0; i < events.count; i++) {
      const matches = await matchesOf(events, i, ballots, context.voters)
      answer(line[i], detection(events, i, verdicts.get(i), matches, context, line[i]))
    }
  }
  for (let line = 0; line < requests.length; line++) {
    if (json[line] === undefined)
      answer(line, notUnderstood(requests[line].line, refused.get(line) ?? 'the line is blank', context, line))
  }
  return { json, odd }
}

async function matchesOf(
  events: EventBlock,
  index: number,
  ballots: readonly Ballot[],
  voters: readonly Voter[],
): Promise<readonly RuleMatch[]> {
  const rules = ballots.findIndex(({ detector }) => detector === 'rules')
  if (rules < 0 || Number.isNaN(ballots[rules].scores[index])) return []
  const evidence = await voters[rules].detector.explain(events, index, ballots[rules].scores[index])
  return evidence.detector === 'rules' ? evidence.matches : []
}

function detection(
  events: EventBlock,
  index: number,
  verdict: Verdict | undefined,
  matches: readonly RuleMatch[],
  context: DetectContext,
  line: number,
): Detection {
  const score = verdict?.score ?? 0
  const votes = verdict?.votes ?? {}
  const weights = verdict?.weights ?? {}
  return {
    is_anomaly: verdict !== undefined && (votes.rules !== undefined || score >= context.minScore),
    anomaly_score: score,
    ...common(context),
    details: {
      ...ready(context, line),
      rule_based: {
        is_attack: votes.rules !== undefined,
        attack_types: [...new Set(matches.map((one) => one.attack_type).filter(Boolean))],
        confidence: votes.rules ?? 0,
        patterns_matched: matches.map(({ title }) => title),
      },
      isolation_forest: opinion('isolation_forest', votes.isolation_forest, context),
      transformer: opinion('transformer', votes.transformer, context),
      ensemble: { score, votes: perModel(votes), weights: perModel(weights), active_models: Object.keys(votes).length },
      log_data: logData(events, index),
    },
  }
}

function notUnderstood(raw: string, reason: string, context: DetectContext, line: number): Detection {
  const none = { rule: 0, iso: 0, transformer: 0 }
  return {
    is_anomaly: false,
    anomaly_score: 0,
    ...common(context),
    details: {
      ...ready(context, line),
      rule_based: { is_attack: false, attack_types: [], confidence: 0, patterns_matched: [] },
      isolation_forest: opinion('isolation_forest', undefined, context),
      transformer: opinion('transformer', undefined, context),
      ensemble: { score: 0, votes: none, weights: none, active_models: 0 },
      log_data: { ip: null, method: null, path: null, protocol: null, status: null, raw_line: raw },
      not_understood: reason,
    },
  }
}

function common({ phase, now }: DetectContext) {
  return { phase, timestamp: new Date(now).toISOString() }
}

function ready({ voters, processed }: DetectContext, line: number) {
  return {
    logs_processed: processed + line + 1,
    transformer_ready: has(voters, 'transformer'),
    isolation_forest_ready: has(voters, 'isolation_forest'),
  }
}

function has(voters: readonly Voter[], name: DetectorName): boolean {
  return voters.some(({ detector }) => detector.name === name)
}

function opinion(name: DetectorName, score: number | undefined, { voters, minScore }: DetectContext) {
  if (!has(voters, name)) return { is_anomaly: false, score: 0, status: 'not_ready' as const }
  if (score === undefined) return { is_anomaly: false, score: 0, status: 'no_opinion' as const }
  return { is_anomaly: score >= minScore, score, status: 'ready' as const }
}

function perModel(values: Partial<Record<DetectorName, number>>) {
  return { rule: values.rules ?? 0, iso: values.isolation_forest ?? 0, transformer: values.transformer ?? 0 }
}

function logData(events: EventBlock, index: number): Detection['details']['log_data'] {
  const raw_line = events.raw.at(index)
  if (events.kind === 'security') {
    return { ip: events.sourceIp.at(index) || null, method: null, path: null, protocol: null, status: null, raw_line }
  }
  const target = events.target.at(index)
  return {
    ip: events.client.at(index) || null,
    method: events.method.at(index) || null,
    path: target || null,
    protocol: events.protocol.at(index) || null,
    status: events.status[index] || null,
    raw_line,
  }
}
