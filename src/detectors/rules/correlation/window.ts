import type { Correlation } from '../sigma/model.ts'

/** One event as a correlation sees it. */
export interface Occurrence {
  /** Event time, ms since the epoch. */
  readonly time: number
  /** Position of the rule in the correlation's list. */
  readonly rule: number
  /** Value of the condition's fields; empty where there is none. */
  readonly value: string
}

/**
 * What one group did in one stretch of time: a run of events with no gap longer than the timespan. A window that has
 * fired is quiet until its stretch ends, so an attack that goes on is told once.
 */
export interface Window {
  /** Sorted by time; those out of the timespan are dropped; empty once fired. */
  occurrences: Occurrence[]
  oldest: number
  newest: number
  /** Events seen in all. */
  total: number
  fired: boolean
}

/** What a correlation found when it fired. */
export interface Verdict {
  /** The number that the condition was judged by: events, distinct values, sum, average, percentile or rules seen. */
  readonly measure: number
  readonly events: number
  readonly firstTime: number
}

/** Occurrences kept for each window; beyond it the oldest are forgotten, which can only make a count smaller. */
const MAX_OCCURRENCES = 10_000

export function openWindow(time: number): Window {
  return { occurrences: [], oldest: time, newest: time, total: 0, fired: false }
}

/** Whether an event at `time` belongs to the window's stretch. */
export function belongs(window: Window, time: number, timespanMs: number): boolean {
  return time >= window.oldest - timespanMs && time <= window.newest + timespanMs
}

/** Adds an event; returns a verdict if it completes the correlation. */
export function observe(window: Window, event: Occurrence, correlation: Correlation): Verdict | undefined {
  window.total++
  window.oldest = Math.min(window.oldest, event.time)
  window.newest = Math.max(window.newest, event.time)
  if (judgedAtClose(correlation)) return observeClosing(window, event, correlation)
  if (window.fired) return undefined
  insert(window.occurrences, event)
  const tally = correlation.type === 'value_count' ? tallyOf(window, event) : undefined
  const floor = window.newest - correlation.timespanMs
  let drop = Math.max(0, window.occurrences.length - MAX_OCCURRENCES)
  while (drop < window.occurrences.length && window.occurrences[drop].time < floor) drop++
  if (tally) count(tally, event.value, 1)
  const dropped = drop > 0 ? window.occurrences.splice(0, drop) : []
  if (tally) for (const { value } of dropped) count(tally, value, -1)
  const verdict = judge(window.occurrences, correlation, tally?.size)
  if (!verdict) return undefined
  tallies.delete(window)
  window.fired = true
  window.occurrences = []
  return verdict
}

/** Different values of a window and how often each occurs: made anew from the occurrences where it is not known. */
const tallies = new WeakMap<Window, Map<string, number>>()

/** The tally before the event at hand, which the window holds already. */
function tallyOf(window: Window, event: Occurrence): Map<string, number> {
  const known = tallies.get(window)
  if (known !== undefined) return known
  const tally = new Map<string, number>()
  for (const occurrence of window.occurrences) if (occurrence !== event) count(tally, occurrence.value, 1)
  tallies.set(window, tally)
  return tally
}

function count(tally: Map<string, number>, value: string, by: number): void {
  const now = (tally.get(value) ?? 0) + by
  if (now === 0) tally.delete(value)
  else tally.set(value, now)
}

/** A condition with only an upper bound holds of any beginning, so it is judged when its timespan has passed. */
export function judgedAtClose({ type, thresholds }: Correlation): boolean {
  if (type.startsWith('oddline_')) return false
  return thresholds.length > 0 && thresholds.every(({ operator }) => ['lt', 'lte', 'neq'].includes(operator))
}

/** Judges the timespan that an event shows to have passed; told once for timespans that follow each other. */
function observeClosing(window: Window, event: Occurrence, correlation: Correlation): Verdict | undefined {
  const first = window.occurrences[0]
  let verdict: Verdict | undefined
  if (first && event.time > first.time + correlation.timespanMs) {
    verdict = judge(window.occurrences, correlation)
    window.occurrences = []
  }
  const told = window.fired
  if (first && window.occurrences.length === 0) window.fired = verdict !== undefined
  if (window.occurrences.length < MAX_OCCURRENCES) insert(window.occurrences, event)
  return told ? undefined : verdict
}

function insert(occurrences: Occurrence[], event: Occurrence): void {
  let at = occurrences.length
  while (at > 0 && occurrences[at - 1].time > event.time) at--
  if (at === occurrences.length) occurrences.push(event)
  else occurrences.splice(at, 0, event)
}

/** `different` spares the counting of values where it is known. */
function judge(occurrences: readonly Occurrence[], correlation: Correlation, different?: number): Verdict | undefined {
  const measure = measureOf(occurrences, correlation, different)
  if (measure === undefined || Number.isNaN(measure) || !holds(measure, correlation)) return undefined
  return { measure, events: occurrences.length, firstTime: occurrences[0].time }
}

function holds(measure: number, { thresholds }: Correlation): boolean {
  return thresholds.every(({ operator, value }) => {
    switch (operator) {
      case 'gt':
        return measure > value
      case 'gte':
        return measure >= value
      case 'lt':
        return measure < value
      case 'lte':
        return measure <= value
      case 'eq':
        return measure === value
      case 'neq':
        return measure !== value
      default:
        return operator satisfies never
    }
  })
}

function measureOf(
  occurrences: readonly Occurrence[],
  correlation: Correlation,
  different: number | undefined,
): number | undefined {
  const { type } = correlation
  switch (type) {
    case 'event_count':
      return occurrences.length
    case 'value_count':
      return different ?? new Set(occurrences.map(({ value }) => value)).size
    case 'value_sum':
      return sum(occurrences)
    case 'value_avg':
      return sum(occurrences) / occurrences.length
    case 'value_percentile':
      return percentile(occurrences, correlation.percentile)
    case 'temporal': {
      const seen = new Set(occurrences.map(({ rule }) => rule)).size
      return seen === correlation.rules.length || correlation.thresholds.length > 0 ? seen : undefined
    }
    case 'temporal_ordered':
      return inOrder(occurrences, correlation.rules.length)
    case 'oddline_silence':
    case 'oddline_new_value':
      return undefined
    default:
      return type satisfies never
  }
}

function sum(occurrences: readonly Occurrence[]): number {
  return occurrences.reduce((total, { value }) => total + Number(value), 0)
}

/** Nearest-rank percentile. */
function percentile(occurrences: readonly Occurrence[], rank: number): number {
  const values = occurrences.map(({ value }) => Number(value)).sort((a, b) => a - b)
  return values[Math.max(0, Math.ceil((rank / 100) * values.length) - 1)]
}

/** The number of rules if all of them occur, each at or after the one before. */
function inOrder(occurrences: readonly Occurrence[], rules: number): number | undefined {
  let wanted = 0
  for (const { rule } of occurrences) {
    if (rule === wanted) wanted++
    if (wanted === rules) return rules
  }
  return undefined
}
