import type { RecentKeys } from '../../../core/columns/recent-keys.ts'
import type { Correlation } from '../sigma/model.ts'
import { GroupFinder } from './group-finder.ts'
import { Groups } from './groups.ts'
import { Novelty } from './novelty.ts'
import type { Mark } from './occurrences.ts'
import type { CorrelationResult } from './result.ts'

/** The state of one correlation. */
export class CorrelationTracker {
  readonly correlation: Correlation
  readonly #capacity: number
  groups: Groups
  novelty: Novelty | undefined
  readonly #finders = new Map<string, GroupFinder>()

  constructor(correlation: Correlation, capacity: number) {
    this.correlation = correlation
    this.#capacity = capacity
    this.groups = new Groups(correlation, capacity)
    this.clear()
  }

  clear(): void {
    this.groups = new Groups(this.correlation, this.#capacity)
    if (this.correlation.type === 'oddline_new_value') this.novelty = new Novelty(this.correlation, this.#capacity)
    for (const finder of this.#finders.values()) finder.clear()
  }

  /** A finder for groups by these fields. */
  finder(names: readonly string[]): GroupFinder {
    const known = this.#finders.get(names.join())
    if (known) return known
    const made = new GroupFinder(this, names)
    this.#finders.set(names.join(), made)
    return made
  }

  get keys(): RecentKeys {
    return (this.novelty ?? this.groups).keys
  }

  /**
   * Records a match of the rule at `position` for the group whose slot was claimed last. `value` is the value of the
   * condition's fields; it may be stored, so it must not be a slice.
   */
  observe(slot: number, time: number, position: number, value: string): CorrelationResult | undefined {
    if (this.novelty) return this.novelty.observe(slot, time, value)
    const { windows } = this.groups
    return windows.observe(this.groups.windowAt(slot, time), time, this.markOf(position, value))
  }

  /** What is stored of an event besides its time. */
  markOf(position: number, value: string): Mark {
    switch (this.correlation.type) {
      case 'value_count':
        return value
      case 'value_sum':
      case 'value_avg':
      case 'value_percentile':
        return Number(value)
      case 'temporal':
      case 'temporal_ordered':
        return position
      default:
        return 0
    }
  }
}
