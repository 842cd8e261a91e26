import type { EventBlock } from '../../../core/columns/block.ts'
import { applies, type Pipeline } from '../loading/pipeline.ts'
import { compileExpression, type Predicate, type ResolveField } from '../sigma/evaluate.ts'
import type { Correlation } from '../sigma/model.ts'
import type { EventView } from '../views/view.ts'
import type { CorrelationHit } from './engine.ts'
import { groupKeyOf, pairsOf, type ReadField } from './group-key.ts'
import { type SilenceState, SilenceTracker } from './silence.ts'

interface WatchedCorrelation {
  readonly correlation: Correlation
  readonly silence: SilenceTracker
  /** Condition of the log source, if it has one. */
  readonly where: Predicate | undefined
}

/**
 * Runs the `oddline_silence` correlations for one kind of event. It sees every event, not only those that rules match.
 */
export class SilenceWatch {
  readonly #correlations: readonly WatchedCorrelation[]

  constructor(correlations: readonly Correlation[], pipeline: Pipeline, resolve: ResolveField, maxGroups: number) {
    this.#correlations = correlations.flatMap((correlation) => {
      const condition = correlation.type === 'oddline_silence' && applies(pipeline, correlation.logSource ?? {})
      if (condition === false) return []
      const where = condition === true ? undefined : compileExpression(condition, resolve)
      return [{ correlation, silence: new SilenceTracker(correlation, maxGroups), where }]
    })
  }

  /** The silences that the events of a block reveal, by event index. */
  observe(block: EventBlock, view: EventView, read: ReadField): ReadonlyMap<number, readonly CorrelationHit[]> {
    const found = new Map<number, CorrelationHit[]>()
    for (const { correlation, silence, where } of this.#correlations) {
      const stream = silence.stream(block.source.path)
      const names = correlation.groupBy.map((field) => correlation.aliases[field]?.[correlation.id] ?? field)
      const looks = where !== undefined || correlation.groupBy.length > 0
      for (let i = 0; i < block.count; i++) {
        const time = block.time[i]
        if (Number.isNaN(time)) continue
        if (looks) view.move(block, i)
        if (where && !where(view)) continue
        const group = groupKeyOf(names, view, read)
        if (group === undefined) continue
        for (const { group: silent, ...result } of silence.observe(stream, group, time)) {
          const hits = found.get(i) ?? []
          hits.push({ ...result, correlation, group: pairsOf(correlation.groupBy, silent) })
          found.set(i, hits)
        }
      }
    }
    return found
  }

  clear(): void {
    for (const { silence } of this.#correlations) silence.clear()
  }

  save(): [string, SilenceState][] {
    return this.#correlations.map(({ correlation, silence }) => [correlation.id, silence.save()])
  }

  /** Restores the state of the correlations that still exist. */
  load(states: readonly (readonly [string, SilenceState])[]): void {
    const saved = new Map(states)
    for (const { correlation, silence } of this.#correlations) silence.load(saved.get(correlation.id) ?? [])
  }
}
