import type { EventBlock } from '../../core/columns/block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { Detector } from '../detector.ts'
import { type AllowEntry, type Allowed, compileAllowList } from './allow.ts'
import { CorrelationEngine, type CorrelationHit, DEFAULT_GROUPS } from './correlation/engine.ts'
import type { ReadField } from './correlation/group-key.ts'
import { SilenceWatch } from './correlation/silence-watch.ts'
import { evidenceOf, type MatchedEvent } from './evidence.ts'
import { type CompiledRule, type CompiledSource, compileSource } from './loading/compile.ts'
import type { RuleOverrides, RuleSet } from './loading/load.ts'
import { HttpMatcher } from './matching/match-http.ts'
import { SecurityMatcher } from './matching/match-security.ts'
import { packState, unpackState } from './rules-state.ts'
import type { Correlation, Level } from './sigma/model.ts'
import { HttpView } from './views/http-view.ts'
import { SecurityView } from './views/security-view.ts'
import type { EventView } from './views/view.ts'

/** The one table of raw scores: what the strongest rule that matched is worth. */
export const SCORE_OF: Readonly<Record<Level, number>> = {
  critical: 0.95,
  high: 0.75,
  medium: 0.5,
  low: 0.25,
  informational: 0.1,
}

export interface RulesOptions {
  readonly allow?: readonly AllowEntry[]
  readonly overrides?: RuleOverrides
  /** Groups that each correlation follows at a time; beyond it the one touched longest ago is forgotten. */
  readonly maxGroups?: number
}

interface Side {
  readonly source: CompiledSource
  readonly view: EventView
  readonly read: ReadField
  readonly allowed: Allowed
  readonly silences: SilenceWatch
  readonly match: (block: EventBlock, onMatch: (index: number, rules: readonly number[]) => void) => void
  readonly prepare: () => void
}

/**
 * Sigma rules and correlations as a detector. It has an opinion only where a rule matched: no match is an abstention.
 * State between blocks is the windows of the correlations, the time of the latest event and the counts of matches.
 */
export class RulesDetector implements Detector {
  readonly name = 'rules'
  readonly #options: RulesOptions
  #http: Side | undefined
  #security: Side | undefined
  #correlations: CorrelationEngine
  /** Rules that only feed correlations. */
  #silent: ReadonlySet<string>
  #counts = new Map<string, number>()
  /** Time for events that have none of their own: that of the last event that had one. */
  #lastTime = 0
  /** What matched in each block, for as long as somebody holds the block. */
  readonly #matched = new WeakMap<EventBlock, Map<number, MatchedEvent>>()

  /** Throws an OddlineError RULE_INVALID if the allow-list cannot be used. */
  constructor(rules: RuleSet, options: RulesOptions = {}) {
    this.#options = options
    this.#correlations = new CorrelationEngine([])
    this.#silent = new Set()
    this.replace(rules)
  }

  /** Puts other rules in force, keeping the windows of the correlations that both sets have. */
  replace(rules: RuleSet): void {
    const { overrides = {}, maxGroups = DEFAULT_GROUPS } = this.#options
    const correlations = rules.correlations.filter(({ id }) => overrides[id]?.enabled !== false)
    const engine = new CorrelationEngine(correlations, maxGroups)
    engine.load(this.#correlations.save())
    const http = this.#side(rules, 'http', correlations)
    const security = this.#side(rules, 'security', correlations)
    http?.silences.load(this.#http?.silences.save() ?? [])
    security?.silences.load(this.#security?.silences.save() ?? [])
    this.#http = http
    this.#security = security
    this.#correlations = engine
    const feeding = correlations.filter(({ generate }) => !generate).flatMap((correlation) => correlation.rules)
    this.#silent = new Set(feeding)
  }

  /** Matches by rule id since the state began, those that only fed correlations included. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** Groups that correlations had to forget because there were too many. */
  get forgottenGroups(): number {
    return this.#correlations.evicted
  }

  /** Makes now what else the first block of each kind would have to wait for. */
  prepare(): void {
    this.#http?.prepare()
    this.#security?.prepare()
  }

  score(block: EventBlock): Float32Array {
    const scores = new Float32Array(block.count).fill(Number.NaN)
    const matched = new Map<number, MatchedEvent>()
    this.#matched.set(block, matched)
    const side = block.kind === 'http' ? this.#http : this.#security
    if (!side) return scores
    const silences = side.silences.observe(block, side.view, side.read)
    for (const [index, hits] of silences) {
      const event = this.#silenced(side, block, index, hits)
      if (event.correlations.length > 0) this.#take(matched, index, event, scores)
    }
    let timed = 0
    side.match(block, (index, numbers) => {
      // Only matched events are looked at, so the time of the events between them is taken in here.
      for (; timed <= index; timed++) if (!Number.isNaN(block.time[timed])) this.#lastTime = block.time[timed]
      // What a column decided alone was decided without the view.
      side.view.move(block, index)
      const event = this.#judge(side, numbers, block.time[index])
      if (event.rules.length + event.correlations.length > 0) this.#take(matched, index, event, scores)
    })
    for (; timed < block.count; timed++) if (!Number.isNaN(block.time[timed])) this.#lastTime = block.time[timed]
    return scores
  }

  /** Adds what was found of an event to what is known of it. */
  #take(
    matched: Map<number, MatchedEvent>,
    index: number,
    { rules, correlations }: MatchedEvent,
    scores: Float32Array,
  ): void {
    const before = matched.get(index)
    const event = { rules, correlations: [...(before?.correlations ?? []), ...correlations] }
    matched.set(index, event)
    scores[index] = this.#strongest(event)
  }

  #silenced(side: Side, block: EventBlock, index: number, hits: readonly CorrelationHit[]): MatchedEvent {
    side.view.move(block, index)
    for (const { correlation } of hits) this.#count(correlation.id)
    const told = hits.filter(({ correlation }) => !side.allowed(correlation.id, side.view, block.time[index]))
    return { rules: [], correlations: told }
  }

  #count(id: string): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
  }

  explain(block: EventBlock, index: number, calibrated: number): Evidence {
    const side = block.kind === 'http' ? this.#http : this.#security
    const event = this.#matched.get(block)?.get(index)
    if (!side || !event) return { detector: 'rules', score: calibrated, summary: 'No rule matched.', matches: [] }
    side.view.move(block, index)
    return evidenceOf(event, side.view, calibrated, (id, level) => this.#options.overrides?.[id]?.level ?? level)
  }

  snapshot(): Uint8Array {
    return packState({
      lastTime: this.#lastTime,
      counts: [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)),
      silences: { http: this.#http?.silences.save() ?? [], security: this.#security?.silences.save() ?? [] },
      correlations: this.#correlations.save(),
    })
  }

  restore(snapshot: Uint8Array): void {
    this.#counts = new Map()
    this.#lastTime = 0
    this.#correlations.clear()
    this.#http?.silences.clear()
    this.#security?.silences.clear()
    try {
      const state = unpackState(snapshot)
      if ('version' in state) this.#correlations.loadVersion1(state.correlations)
      else this.#correlations.load(state.correlations)
      this.#http?.silences.load(state.silences?.http ?? [])
      this.#security?.silences.load(state.silences?.security ?? [])
      this.#counts = new Map(state.counts)
      this.#lastTime = state.lastTime
    } catch (error) {
      const reason = messageOf(error)
      throw new OddlineError('MODEL_INVALID', `the state of the rules cannot be read and begins anew: ${reason}`)
    }
  }

  #judge(side: Side, numbers: readonly number[], eventTime: number): MatchedEvent {
    const time = Number.isNaN(eventTime) ? this.#lastTime : eventTime
    const rules: CompiledRule[] = []
    const correlations: CorrelationHit[] = []
    for (const number of numbers) {
      const compiled = side.source.rules[number]
      const { id } = compiled.rule
      if (side.allowed(id, side.view, eventTime)) continue
      this.#count(id)
      if (!this.#silent.has(id)) rules.push(compiled)
      for (const hit of this.#correlations.observe(id, side.view, time, side.read)) {
        this.#count(hit.correlation.id)
        const quiet = this.#silent.has(hit.correlation.id) || side.allowed(hit.correlation.id, side.view, eventTime)
        if (!quiet) correlations.push(hit)
      }
    }
    return { rules, correlations }
  }

  #strongest({ rules, correlations }: MatchedEvent): number {
    const found = [...rules.map(({ rule }) => rule), ...correlations.map(({ correlation }) => correlation)]
    return Math.max(...found.map(({ id, level }) => SCORE_OF[this.#options.overrides?.[id]?.level ?? level]))
  }

  #side(rules: RuleSet, kind: 'http' | 'security', correlations: readonly Correlation[]): Side | undefined {
    const source = compileSource(rules, kind, this.#options.overrides ?? {})
    if (!source) return undefined
    const read = readerOf(source)
    let allowed: Allowed
    try {
      allowed = compileAllowList(this.#options.allow ?? [], read)
    } catch (error) {
      throw new OddlineError('RULE_INVALID', messageOf(error))
    }
    const matching = matchingOf(source, kind)
    const { maxGroups = DEFAULT_GROUPS } = this.#options
    const silences = new SilenceWatch(correlations, source.pipeline, source.resolve, maxGroups)
    return { source, read, allowed, silences, ...matching }
  }
}

function readerOf({ resolve }: CompiledSource): ReadField {
  const resolved = new Map<string, readonly number[]>()
  const fieldsOf = (name: string) => {
    const known = resolved.get(name)
    if (known) return known
    resolved.set(name, resolve(name))
    return resolve(name)
  }
  const read = (view: EventView, name: string) => {
    for (const field of fieldsOf(name)) {
      const value = view.kept(field)
      if (value !== undefined) return value
    }
    return undefined
  }
  const ids = (view: EventView, name: string) => {
    const fields = fieldsOf(name)
    return fields.length === 1 ? view.ids(fields[0]) : undefined
  }
  return Object.assign(read, { ids })
}

function matchingOf(source: CompiledSource, kind: 'http' | 'security'): Pick<Side, 'view' | 'match' | 'prepare'> {
  if (kind === 'http') {
    const view = new HttpView()
    return { view, ...onFirstUse(() => new HttpMatcher(source, view)) }
  }
  const view = new SecurityView()
  return { view, ...onFirstUse(() => new SecurityMatcher(source, view)) }
}

/** Makes a matcher with the first block of its kind: most sites have one kind of log, and it takes time and memory. */
function onFirstUse(make: () => HttpMatcher | SecurityMatcher): Pick<Side, 'match' | 'prepare'> {
  let matcher: HttpMatcher | SecurityMatcher | undefined
  const made = () => {
    matcher ??= make()
    return matcher
  }
  return { prepare: made, match: (block, onMatch) => made().match(block as never, onMatch) }
}
