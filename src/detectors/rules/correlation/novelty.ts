import type { Correlation } from '../sigma/model.ts'
import type { Verdict } from './window.ts'

/** What is known of one group, such as a user: since when, of how many events, and which values it has had. */
export interface Known {
  readonly first: number
  events: number
  values: string[]
}

/** Values remembered for each group; beyond it the oldest are forgotten. */
const MAX_VALUES = 200

/**
 * `oddline_new_value`: a group that has been known for long enough shows a value that it never had. The value is
 * remembered then, so it is told once. Bounded as the windows of other correlations are.
 */
export class Novelty {
  readonly #groups = new Map<string, Known>()
  readonly #capacity: number
  evicted = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  observe(group: string, time: number, value: string, correlation: Correlation): Verdict | undefined {
    const known = this.#groups.get(group) ?? { first: time, events: 0, values: [] }
    // Set again so that the map's order is that of use.
    this.#groups.delete(group)
    this.#groups.set(group, known)
    if (this.#groups.size > this.#capacity) {
      const oldest = this.#groups.keys().next()
      if (!oldest.done) this.#groups.delete(oldest.value)
      this.evicted++
    }
    const before = known.events++
    if (known.values.includes(value)) return undefined
    known.values.push(value)
    if (known.values.length > MAX_VALUES) known.values.shift()
    const established = time - known.first >= correlation.knownForMs && enough(before, correlation)
    return established ? { measure: known.values.length - 1, events: before, firstTime: known.first } : undefined
  }

  clear(): void {
    this.#groups.clear()
    this.evicted = 0
  }

  entries(): [string, Known][] {
    return [...this.#groups]
  }

  load(entries: readonly (readonly [string, Known])[]): void {
    this.#groups.clear()
    for (const [group, known] of entries) this.#groups.set(group, { ...known, values: [...known.values] })
  }
}

/** The condition of Oddline's own types is about the events by which a group is known. */
export function enough(events: number, { thresholds }: Correlation): boolean {
  return thresholds.every(({ operator, value }) => (operator === 'gt' ? events > value : events >= value))
}
