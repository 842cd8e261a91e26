import type { EventBlock } from '../../core/columns/block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { Detector } from '../detector.ts'
import { type AllowEntry, type Allowed, compileAllowList } from './allow.ts'
import { CorrelationEngine, type CorrelationHit, DEFAULT_GROUPS } from './correlation/engine.ts'
import type { ReadField } from './correlation/group-key.ts'
import { SilenceWatch } from './correlation/silence-watch.ts'
import { type MatchedEvent, rulesEvidence } from './evidence.ts'
import { type CompiledRule, type CompiledSource, compileSource } from './loading/compile.ts'
import type { RuleOverrides, RuleSet } from './loading/load.ts'
import { HttpMatcher } from './matching/match-http.ts'
import { SecurityMatcher } from './matching/match-security.ts'
import { packState, unpackState } from './rules-state.ts'
import type { Correlation, Level } from './sigma/model.ts'
import { HttpView } from './views/http-view.ts'
import { SecurityView } from './views/security-view.ts'
import type { EventView } from './views/view.ts'

/** Raw score by level of the strongest matching rule. */
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
  /** Most groups per correlation; beyond that, the least recently used one is evicted. */
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
 * The detector for Sigma rules and correlations. It has an opinion only if a rule matched; otherwise it abstains. Its
 * state between blocks is the state of the correlations, the last event time and the match counts.
 */
export class RulesDetector implements Detector {
  readonly name = 'rules'
  readonly #options: RulesOptions
  #http: Side | undefined
  #security: Side | undefined
  #correlations: CorrelationEngine
  /** Ids of rules that only feed correlations. */
  #feeding: ReadonlySet<string>
  #counts = new Map<string, number>()
  /** The last event time, used for events without a time. */
  #lastTime = 0
  /** The matches of each block, while the block is in use. */
  readonly #matched = new WeakMap<EventBlock, Map<number, MatchedEvent>>()

  /** @throws OddlineError RULE_INVALID if the allow-list is invalid */
  constructor(rules: RuleSet, options: RulesOptions = {}) {
    this.#options = options
    this.#correlations = new CorrelationEngine([])
    this.#feeding = new Set()
    this.replace(rules)
  }

  /** Activates other rules. Correlations in both sets keep their state. */
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
    this.#feeding = new Set(feedingRules(rules, correlations, overrides))
  }

  /** Number of matches by rule id since the state began, including rules that only feed correlations. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** Number of groups that correlations evicted because there were too many. */
  get forgottenGroups(): number {
    return this.#correlations.evicted
  }

  /** Builds the matchers now, instead of at the first block of each kind. */
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
      const event = this.#silenceMatches(side, block, index, hits)
      if (event.correlations.length > 0) this.#take(matched, index, event, scores)
    }
    let timed = 0
    side.match(block, (index, numbers) => {
      // Only matched events are visited, so the times of the events between them are read here.
      for (; timed <= index; timed++) if (!Number.isNaN(block.time[timed])) this.#lastTime = block.time[timed]
      // Rules that one column decides were evaluated without the view.
      side.view.move(block, index)
      const event = this.#evaluate(side, numbers, block.time[index])
      if (event.rules.length + event.correlations.length > 0) this.#take(matched, index, event, scores)
    })
    for (; timed < block.count; timed++) if (!Number.isNaN(block.time[timed])) this.#lastTime = block.time[timed]
    return scores
  }

  /** Adds matches to an event. */
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

  #silenceMatches(side: Side, block: EventBlock, index: number, hits: readonly CorrelationHit[]): MatchedEvent {
    side.view.move(block, index)
    for (const { correlation } of hits) this.#count(correlation.id)
    const reported = hits.filter(({ correlation }) => !side.allowed(correlation.id, side.view, block.time[index]))
    return { rules: [], correlations: reported }
  }

  #count(id: string): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
  }

  explain(block: EventBlock, index: number, calibrated: number): Evidence {
    const side = block.kind === 'http' ? this.#http : this.#security
    const event = this.#matched.get(block)?.get(index)
    if (!side || !event) return { detector: 'rules', score: calibrated, summary: 'No rule matched.', matches: [] }
    side.view.move(block, index)
    return rulesEvidence(event, side.view, calibrated, (id, level) => this.#options.overrides?.[id]?.level ?? level)
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
      throw new OddlineError(
        'MODEL_INVALID',
        `the saved state of the rules cannot be read, so it starts empty: ${reason}`,
      )
    }
  }

  #evaluate(side: Side, numbers: readonly number[], eventTime: number): MatchedEvent {
    const time = Number.isNaN(eventTime) ? this.#lastTime : eventTime
    const rules: CompiledRule[] = []
    const correlations: CorrelationHit[] = []
    for (const number of numbers) {
      const compiled = side.source.rules[number]
      const { id } = compiled.rule
      if (side.allowed(id, side.view, eventTime)) continue
      this.#count(id)
      if (!this.#feeding.has(id)) rules.push(compiled)
      for (const hit of this.#correlations.observe(id, side.view, time, side.read)) {
        this.#count(hit.correlation.id)
        const quiet = this.#feeding.has(hit.correlation.id) || side.allowed(hit.correlation.id, side.view, eventTime)
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

/** Rules that a correlation uses up, unless it says `generate`; informational ones never report by themselves. */
function feedingRules(set: RuleSet, correlations: readonly Correlation[], overrides: RuleOverrides): string[] {
  const levels = new Map(
    [...set.rules, ...set.correlations].map(({ id, level }) => [id, overrides[id]?.level ?? level]),
  )
  return correlations.flatMap(({ generate, rules }) =>
    rules.filter((id) => !generate || levels.get(id) === 'informational'),
  )
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

/** Builds a matcher at the first block of its kind. It takes time and memory, and most sites have one kind of log. */
function onFirstUse(make: () => HttpMatcher | SecurityMatcher): Pick<Side, 'match' | 'prepare'> {
  let matcher: HttpMatcher | SecurityMatcher | undefined
  const made = () => {
    matcher ??= make()
    return matcher
  }
  return { prepare: made, match: (block, onMatch) => made().match(block as never, onMatch) }
}
