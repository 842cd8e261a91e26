import type { Evidence, RuleMatch } from '../../core/documents/finding.ts'
import type { CorrelationHit } from './correlation/engine.ts'
import type { CompiledRule } from './loading/compile.ts'
import type { Trace } from './sigma/evaluate.ts'
import type { IncidentTexts } from './sigma/incident-texts.ts'
import { type Correlation, LEVELS, type Level, type Rule } from './sigma/model.ts'
import type { EventView } from './views/view.ts'

/** The matches of one event. */
export interface MatchedEvent {
  readonly rules: readonly CompiledRule[]
  readonly correlations: readonly CorrelationHit[]
}

const MAX_MATCHES = 20
const MAX_TEXT = 300

/** The level of a rule after overrides. */
export type LevelOf = (id: string, level: Level) => Level

/** Evidence for the matched event that `view` is at, highest level first. */
export function rulesEvidence(event: MatchedEvent, view: EventView, calibrated: number, levelOf: LevelOf): Evidence {
  const matches = [
    ...event.correlations.map((hit) => correlationMatch(hit, levelOf)),
    ...event.rules.map((rule) => ruleMatch(rule, view, levelOf)),
  ].sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level))
  return { detector: 'rules', score: calibrated, summary: summaryOf(matches), matches: matches.slice(0, MAX_MATCHES) }
}

/** Summary of the strongest match. The field of a correlation is its group, `name=value`, and follows the count. */
export function summaryOf(matches: readonly RuleMatch[]): string {
  const [{ title, field, matched }, ...rest] = matches
  const more = rest.length === 0 ? '' : `, and ${rest.length} more ${rest.length === 1 ? 'rule' : 'rules'}`
  const parts = field.includes('=') ? `${matched}, ${field}` : `${field} ${matched}`.trim()
  return `${title}${matched === '' ? '' : `: ${parts}`}${more}`
}

/** The match of a rule, with the longest text that matched. */
function ruleMatch({ rule, matches }: CompiledRule, view: EventView, levelOf: LevelOf): RuleMatch {
  const trail: Trace[] = []
  matches(view, trail)
  const { field, value } = trail.reduce((a, b) => (b.value.length > a.value.length ? b : a), { field: '', value: '' })
  return { ...about(rule, levelOf), field: field || (trail[0]?.field ?? ''), matched: bounded(value) }
}

function correlationMatch(hit: CorrelationHit, levelOf: LevelOf): RuleMatch {
  const { correlation, group } = hit
  const who = group.map(([field, value]) => `${field}=${value}`).join(' ')
  return {
    ...about(correlation, levelOf),
    field: bounded(who),
    matched: bounded(countOf(hit)),
  }
}

function countOf({ correlation, measure, events, firstTime, value = '' }: CorrelationHit): string {
  const { type, timespanMs } = correlation
  const within = `within ${spanText(timespanMs)}`
  switch (type) {
    case 'event_count':
      return `${events} events ${within}`
    case 'value_count':
      return `${measure} different values of ${correlation.fields.join('/')} in ${events} events ${within}`
    case 'value_sum':
    case 'value_avg':
    case 'value_percentile':
      return `${type.slice('value_'.length)} ${measure} of ${correlation.fields.join('/')} in ${events} events ${within}`
    case 'temporal':
    case 'temporal_ordered':
      return `${correlation.rules.length} steps ${within}`
    case 'oddline_silence':
      return `silent for ${roundSpan(measure)} after ${events} events since ${dateText(firstTime)}`
    case 'oddline_new_value':
      return `${correlation.fields.join('/')} ${value.replaceAll('\u0000', '/')} for the first time in ${events} events since ${dateText(firstTime)}`
    default:
      return type satisfies never
  }
}

/** A duration in its largest whole unit. */
function roundSpan(ms: number): string {
  const [size, unit] = (
    [
      [86_400_000, 'd'],
      [3_600_000, 'h'],
      [60_000, 'min'],
    ] as const
  ).find(([each]) => ms >= 2 * each) ?? [1000, 's']
  return `${Math.floor(ms / size)} ${unit}`
}

function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function spanText(ms: number): string {
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000} d`
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`
}

function about(rule: Rule | Correlation, levelOf: LevelOf) {
  const { id, title, level, attackType, techniques, incident } = rule
  return {
    id,
    title,
    level: levelOf(id, level),
    attack_type: attackType,
    techniques: [...techniques],
    ...incidentTexts(incident),
  }
}

/** Absent texts have no key, so that the evidence stays small. */
function incidentTexts({ title, title_succeeded: succeeded, remedy }: IncidentTexts) {
  return {
    ...(title !== undefined && { incident_title: title }),
    ...(succeeded !== undefined && { incident_title_succeeded: succeeded }),
    ...(remedy !== undefined && { remedy }),
  }
}

function bounded(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
