import { belongs, openWindow, type Window } from './window.ts'

/** Stretches kept for a group, so that files of different times can be read side by side. */
const MAX_STRETCHES = 4

/**
 * The windows of one correlation, by group. Bounded: beyond `capacity` groups the one that was touched longest ago is
 * forgotten, and counted, so that an operator can see that the bound was met.
 */
export class Groups {
  readonly #windows = new Map<string, Window[]>()
  readonly #capacity: number
  evicted = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#windows.size
  }

  /** The window that an event of `group` at `time` belongs to, opened if there is none. */
  windowAt(group: string, time: number, timespanMs: number): Window {
    const stretches = this.#windows.get(group) ?? []
    // Set again so that the map's order is that of use.
    this.#windows.delete(group)
    this.#windows.set(group, stretches)
    const known = stretches.find((window) => belongs(window, time, timespanMs))
    if (known) return known
    const opened = openWindow(time)
    stretches.push(opened)
    if (stretches.length > MAX_STRETCHES) stretches.shift()
    if (this.#windows.size > this.#capacity) {
      const oldest = this.#windows.keys().next()
      if (!oldest.done) this.#windows.delete(oldest.value)
      this.evicted++
    }
    return opened
  }

  clear(): void {
    this.#windows.clear()
    this.evicted = 0
  }

  /** Plain data, in order of use. */
  entries(): [string, Window[]][] {
    return [...this.#windows]
  }

  load(entries: readonly (readonly [string, Window[]])[]): void {
    this.#windows.clear()
    for (const [group, stretches] of entries) this.#windows.set(group, stretches)
  }
}
