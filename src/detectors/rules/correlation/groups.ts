import { grown } from '../../../core/columns/grown.ts'
import { RecentKeys } from '../../../core/columns/recent-keys.ts'
import type { Correlation } from '../sigma/model.ts'
import { Windows } from './windows.ts'

/** Most windows per group, so that files of different periods can be read in any order. */
const MAX_STRETCHES = 4
const NONE = -1

/**
 * The windows of one correlation, by group. Beyond `capacity` groups, the least recently used one is evicted and
 * counted, so that an operator can see that the limit was reached.
 */
export class Groups {
  readonly windows: Windows
  readonly keys: RecentKeys
  /** Window numbers, MAX_STRETCHES per slot, in the order in which they were opened. */
  #stretches = new Int32Array(0)

  constructor(correlation: Correlation, capacity: number) {
    this.windows = new Windows(correlation)
    this.keys = new RecentKeys(capacity)
  }

  /** The window for an event at `time`, opened if there is none, in the group whose slot was claimed last. */
  windowAt(slot: number, time: number): number {
    const at = this.#begin(slot)
    for (let i = at; i < at + MAX_STRETCHES; i++) {
      const window = this.#stretches[i]
      if (window === NONE) break
      if (this.windows.holds(window, time)) return window
    }
    return this.#add(at, this.windows.open(time))
  }

  /** Adds a window to a group, as the most recent window and the most recently used group. */
  add(group: string, window: number): void {
    this.#add(this.#begin(this.keys.claim(group)), window)
  }

  /** Number of windows of the group in a slot. */
  countOf(slot: number): number {
    let count = 0
    while (count < MAX_STRETCHES && this.#stretches[slot * MAX_STRETCHES + count] !== NONE) count++
    return count
  }

  /** One of the group's windows, in the order in which they were opened. */
  windowOf(slot: number, number: number): number {
    return this.#stretches[slot * MAX_STRETCHES + number]
  }

  /** Index of the windows of the group that was claimed last; those of a new group are cleared. */
  #begin(slot: number): number {
    const at = slot * MAX_STRETCHES
    if (!this.keys.fresh) return at
    const { length } = this.#stretches
    this.#stretches = grown(this.#stretches, at + MAX_STRETCHES)
    this.#stretches.fill(NONE, length)
    for (let i = this.countOf(slot) - 1; i >= 0; i--) this.windows.close(this.#stretches[at + i])
    this.#stretches.fill(NONE, at, at + MAX_STRETCHES)
    return at
  }

  #add(at: number, window: number): number {
    const stretches = this.#stretches
    let end = at
    while (end < at + MAX_STRETCHES && stretches[end] !== NONE) end++
    if (end === at + MAX_STRETCHES) {
      this.windows.close(stretches[at])
      stretches.copyWithin(at, at + 1, end--)
    }
    stretches[end] = window
    return window
  }
}
