import { own } from '../../../core/block.ts'
import { belongs, openWindow, type Window } from './window.ts'

/** Stretches kept for a group, so that files of different times can be read side by side. */
const MAX_STRETCHES = 4

interface Group {
  readonly key: string
  readonly stretches: Window[]
}

/**
 * The windows of one correlation, by group. Bounded: beyond `capacity` groups the one that was touched longest ago is
 * forgotten, and counted, so that an operator can see that the bound was met.
 */
export class Groups {
  readonly #groups = new Map<string, Group>()
  #latest: Group | undefined
  readonly #capacity: number
  evicted = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#groups.size
  }

  /** The window that an event of `group` at `time` belongs to, opened if there is none. */
  windowAt(group: string, time: number, timespanMs: number): Window {
    const { stretches } = this.#touch(group)
    const known = stretches.find((window) => belongs(window, time, timespanMs))
    if (known) return known
    const opened = openWindow(time)
    stretches.push(opened)
    if (stretches.length > MAX_STRETCHES) stretches.shift()
    if (this.#groups.size > this.#capacity) {
      const oldest = this.#groups.keys().next()
      if (!oldest.done) this.#groups.delete(oldest.value)
      this.evicted++
    }
    return opened
  }

  clear(): void {
    this.#groups.clear()
    this.#latest = undefined
    this.evicted = 0
  }

  /** Plain data, in order of use. */
  entries(): [string, Window[]][] {
    return Array.from(this.#groups.values(), ({ key, stretches }) => [key, stretches])
  }

  load(entries: readonly (readonly [string, Window[]])[]): void {
    this.#groups.clear()
    this.#latest = undefined
    for (const [key, stretches] of entries) this.#groups.set(key, { key, stretches })
  }

  /** The group, set last in the map, whose order is that of use. Its name is copied: a slice would keep a block's text. */
  #touch(name: string): Group {
    const known = this.#groups.get(name)
    if (known && known === this.#latest) return known
    const group = known ?? { key: own(name), stretches: [] }
    if (known) this.#groups.delete(known.key)
    this.#groups.set(group.key, group)
    this.#latest = group
    return group
  }
}
