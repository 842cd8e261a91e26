import { isIP } from 'node:net'
import {
  type EventBlock,
  type HttpBlock,
  OUTCOME_FAILURE,
  OUTCOME_SUCCESS,
  type SecurityBlock,
  sessionOf,
} from '../core/columns/block.ts'
import type { Evidence, Finding, Phase, RuleMatch } from '../core/documents/finding.ts'
import { SEVERITIES, severityOf } from '../core/documents/severity.ts'
import { deterministicId } from '../core/ids.ts'
import { explain } from './explain.ts'
import type { Decision } from './vote.ts'

/** Longest raw line kept in a finding, in characters. */
const MAX_ORIGINAL = 8192
/** Longest text in any other field, characters. */
const MAX_FIELD = 2048
const ECS_VERSION = '8.17.0'

/**
 * Builds the ECS document of a finding, which is stored, written and delivered.
 * @param evidence of each detector that did not abstain
 * @param name stable name of the log file; part of the event id
 */
export function toFinding(
  block: EventBlock,
  decision: Decision,
  evidence: readonly Evidence[],
  phase: Phase,
  name: string,
): Finding {
  const { index, score } = decision
  const raw = block.raw.at(index)
  const severity = severityOf(score)
  const matches = evidence.find((one) => one.detector === 'rules')?.matches ?? []
  const techniques = [...new Set(matches.flatMap((match) => match.techniques))]
  const attackTypes = [...new Set(matches.map((match) => match.attack_type).filter(Boolean))]
  return {
    '@timestamp': new Date(timeOf(block, index)).toISOString(),
    ecs: { version: ECS_VERSION },
    event: {
      id: deterministicId(name, block.offsets[index], raw),
      kind: 'alert',
      module: 'oddline',
      category: [block.kind === 'http' ? 'web' : 'authentication'],
      ...actionOf(block, index),
      outcome: outcomeOf(block, index),
      severity: SEVERITIES.indexOf(severity) + 1,
      risk_score: Math.round(score * 1000) / 10,
      original: raw.slice(0, MAX_ORIGINAL),
    },
    message: explain(block, index, evidence, severity),
    ...ruleOf(matches),
    ...(techniques.length > 0 && { threat: { technique: { id: techniques } } }),
    ...(block.kind === 'http' ? httpFields(block, index) : securityFields(block, index)),
    log: { file: { path: block.source.path, line: block.lines[index] }, offset: block.offsets[index] },
    oddline: {
      severity,
      score,
      attack_types: attackTypes,
      session: cut(sessionOf(block, index)),
      phase,
      votes: decision.votes,
      weights: decision.weights,
      evidence: [...evidence],
      truncated: raw.length > MAX_ORIGINAL,
    },
  }
}

/** The time of the event, or of its file if the line has no time. Never the time of reading, which differs between runs. */
function timeOf(block: EventBlock, index: number): number {
  const time = block.time[index]
  return Number.isNaN(time) ? Math.round(block.source.modifiedAt) : time
}

function ruleOf(matches: readonly RuleMatch[]): Pick<Finding, 'rule'> {
  const [strongest] = matches
  return strongest ? { rule: { id: strongest.id, name: strongest.title } } : {}
}

function actionOf(block: EventBlock, index: number): { action?: string } {
  const action = block.kind === 'http' ? '' : block.eventType.at(index)
  return action ? { action: cut(action) } : {}
}

function outcomeOf(block: EventBlock, index: number): Finding['event']['outcome'] {
  if (block.kind === 'http')
    return block.status[index] === 0 ? 'unknown' : block.status[index] < 400 ? 'success' : 'failure'
  if (block.outcome[index] === OUTCOME_SUCCESS) return 'success'
  return block.outcome[index] === OUTCOME_FAILURE ? 'failure' : 'unknown'
}

function httpFields(block: HttpBlock, index: number): Partial<Finding> {
  const target = block.target.at(index)
  const question = target.indexOf('?')
  const query = question >= 0 ? cut(target.slice(question + 1)) : ''
  const referrer = cut(block.referer.at(index))
  const agent = cut(block.userAgent.at(index))
  const version = /^HTTP\/(\d(?:\.\d)?)/.exec(block.protocol.at(index))?.[1]
  const status = block.status[index]
  const bytes = block.bytes[index]
  return {
    ...addressed(block.client.at(index)),
    ...named(block.user.at(index)),
    url: {
      original: cut(target),
      path: cut(question >= 0 ? target.slice(0, question) : target),
      ...(query && { query }),
    },
    http: {
      ...(version && { version }),
      request: { method: cut(block.method.at(index)), ...(referrer && { referrer }) },
      response: { ...(status > 0 && { status_code: status }), ...(bytes >= 0 && { body: { bytes } }) },
    },
    ...(agent && { user_agent: { original: agent } }),
  }
}

function securityFields(block: SecurityBlock, index: number): Partial<Finding> {
  const host = cut(block.host.at(index))
  const program = cut(block.program.at(index))
  return {
    ...addressed(block.sourceIp.at(index)),
    ...named(block.user.at(index)),
    ...(host && { host: { name: host } }),
    ...(program && { process: { name: program } }),
  }
}

function addressed(address: string): Pick<Finding, 'source'> {
  if (!address || address === '-') return {}
  return { source: { address: cut(address), ...(isIP(address) && { ip: address }) } }
}

function named(user: string): Pick<Finding, 'user'> {
  return user && user !== '-' ? { user: { name: cut(user) } } : {}
}

function cut(text: string): string {
  return text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD - 1)}…` : text
}
