import type { EventBlock } from '../../../core/columns/block.ts'
import { applies, type Pipeline } from '../loading/pipeline.ts'
import { compileExpression, type Predicate, type ResolveField } from '../sigma/evaluate.ts'
import type { Correlation } from '../sigma/model.ts'
import type { EventView } from '../views/view.ts'
import type { CorrelationHit } from './engine.ts'
import { keyOf, pairsOf, type ReadField } from './group-key.ts'
import { type SilenceState, SilenceTracker } from './silence.ts'

interface Watched {
  readonly correlation: Correlation
  readonly silence: SilenceTracker
  /** The log source's own condition, where it has one. */
  readonly where: Predicate | undefined
}

/** Follows the silences that are waited for in one kind of event. It sees every event, not only those that match. */
export class SilenceWatch {
  readonly #watched: readonly Watched[]

  constructor(correlations: readonly Correlation[], pipeline: Pipeline, resolve: ResolveField, maxGroups: number) {
    this.#watched = correlations.flatMap((correlation) => {
      const condition = correlation.type === 'oddline_silence' && applies(pipeline, correlation.logSource ?? {})
      if (condition === false) return []
      const where = condition === true ? undefined : compileExpression(condition, resolve)
      return [{ correlation, silence: new SilenceTracker(correlation, maxGroups), where }]
    })
  }

  /** The silences that events of a block bring to light, by the index of the event. */
  observe(block: EventBlock, view: EventView, read: ReadField): ReadonlyMap<number, readonly CorrelationHit[]> {
    const found = new Map<number, CorrelationHit[]>()
    for (const { correlation, silence, where } of this.#watched) {
      const stream = silence.stream(block.source.path)
      const names = correlation.groupBy.map((field) => correlation.aliases[field]?.[correlation.id] ?? field)
      const looks = where !== undefined || correlation.groupBy.length > 0
      for (let i = 0; i < block.count; i++) {
        const time = block.time[i]
        if (Number.isNaN(time)) continue
        if (looks) view.move(block, i)
        if (where && !where(view)) continue
        const group = keyOf(names, view, read)
        if (group === undefined) continue
        for (const { group: silent, ...verdict } of silence.observe(stream, group, time)) {
          const hits = found.get(i) ?? []
          hits.push({ ...verdict, correlation, group: pairsOf(correlation.groupBy, silent) })
          found.set(i, hits)
        }
      }
    }
    return found
  }

  clear(): void {
    for (const { silence } of this.#watched) silence.clear()
  }

  save(): [string, SilenceState][] {
    return this.#watched.map(({ correlation, silence }) => [correlation.id, silence.save()])
  }

  /** Takes over what is known of the silences that are still waited for. */
  load(states: readonly (readonly [string, SilenceState])[]): void {
    const saved = new Map(states)
    for (const { correlation, silence } of this.#watched) silence.load(saved.get(correlation.id) ?? [])
  }
}
