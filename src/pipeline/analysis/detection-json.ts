import type { EventBlock } from '../../core/columns/block.ts'
import type { DetectorName, Phase, RuleMatch } from '../../core/documents/finding.ts'
import type { Decision } from '../../ensemble/vote.ts'

export interface DetectionFrame {
  readonly phase: Phase
  readonly minScore: number
  /** Time of the answer, ms. */
  readonly now: number
  /** Number of lines that were judged before these. */
  readonly processed: number
  readonly ready: ReadonlySet<DetectorName>
}

const NO_DATA = '"ip":null,"method":null,"path":null,"protocol":null,"status":null,'

/**
 * Writes `Detection`s as JSON from parts that are prepared once, because `JSON.stringify` of a detection takes longer
 * than the rules do. Tests compare the result with the schema.
 */
export class DetectionWriter {
  readonly #frame: DetectionFrame
  readonly #head: string
  readonly #ready: string
  readonly #silent: string

  constructor(frame: DetectionFrame) {
    const { phase, now, ready } = frame
    this.#frame = frame
    this.#head = `,"phase":"${phase}","timestamp":"${new Date(now).toISOString()}","details":{"logs_processed":`
    this.#ready = `,"transformer_ready":${ready.has('transformer')},"isolation_forest_ready":${ready.has('isolation_forest')}`
    this.#silent = `,"isolation_forest":${this.#opinion('isolation_forest')},"transformer":${this.#opinion('transformer')}`
  }

  isAnomaly({ votes, score }: Decision): boolean {
    return votes.rules !== undefined || score >= this.#frame.minScore
  }

  event(line: number, events: EventBlock, index: number, verdict: Decision, matches: readonly RuleMatch[]): string {
    const { score, votes, weights } = verdict
    const { rules, isolation_forest: forest, transformer } = votes
    const models =
      forest === undefined && transformer === undefined
        ? this.#silent
        : `,"isolation_forest":${this.#opinion('isolation_forest', forest)},"transformer":${this.#opinion('transformer', transformer)}`
    const active = Number(rules !== undefined) + Number(forest !== undefined) + Number(transformer !== undefined)
    return `${this.#open(line, this.isAnomaly(verdict), score)},"rule_based":${ruleBased(rules, matches)}${models},"ensemble":{"score":${score},"votes":${perModel(votes)},"weights":${perModel(weights)},"active_models":${active}},"log_data":{${logData(events, index)}"raw_line":${JSON.stringify(events.raw.at(index))}}}}`
  }

  notUnderstood(line: number, raw: string, reason: string): string {
    const none = perModel({})
    return `${this.#open(line, false, 0)},"rule_based":${ruleBased(undefined, [])}${this.#silent},"ensemble":{"score":0,"votes":${none},"weights":${none},"active_models":0},"log_data":{${NO_DATA}"raw_line":${JSON.stringify(raw)}},"not_understood":${JSON.stringify(reason)}}}`
  }

  #open(line: number, odd: boolean, score: number): string {
    const number = this.#frame.processed + line + 1
    return `{"is_anomaly":${odd},"anomaly_score":${score}${this.#head}${number}${this.#ready}`
  }

  #opinion(name: DetectorName, score?: number): string {
    if (!this.#frame.ready.has(name)) return '{"is_anomaly":false,"score":0,"status":"not_ready"}'
    if (score === undefined) return '{"is_anomaly":false,"score":0,"status":"no_opinion"}'
    return `{"is_anomaly":${score >= this.#frame.minScore},"score":${score},"status":"ready"}`
  }
}

function ruleBased(score: number | undefined, matches: readonly RuleMatch[]): string {
  if (score === undefined) return '{"is_attack":false,"attack_types":[],"confidence":0,"patterns_matched":[]}'
  return JSON.stringify({
    is_attack: true,
    attack_types: [...new Set(matches.map((one) => one.attack_type).filter(Boolean))],
    confidence: score,
    patterns_matched: matches.map(({ title }) => title),
  })
}

function perModel(values: Partial<Record<DetectorName, number>>): string {
  return `{"rule":${values.rules ?? 0},"iso":${values.isolation_forest ?? 0},"transformer":${values.transformer ?? 0}}`
}

function logData(events: EventBlock, index: number): string {
  if (events.kind === 'security') return `"ip":${text(events.sourceIp.at(index))},${NO_DATA.slice('"ip":null,'.length)}`
  return `"ip":${text(events.client.at(index))},"method":${text(events.method.at(index))},"path":${text(events.target.at(index))},"protocol":${text(events.protocol.at(index))},"status":${events.status[index] || null},`
}

function text(value: string): string {
  return value === '' ? 'null' : JSON.stringify(value)
}
