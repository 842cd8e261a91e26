import type { GroupHistory } from './novelty.ts'
import type { CorrelationTracker } from './tracker.ts'

/** State of a correlation in format 1 (JSON). */
export interface Version1 {
  readonly id: string
  readonly evicted: number
  readonly groups: readonly (readonly [string, readonly Window[]])[]
  readonly known?: readonly (readonly [string, GroupHistory])[]
}

interface Window {
  readonly occurrences: readonly { readonly time: number; readonly rule: number; readonly value: string }[]
  readonly oldest: number
  readonly newest: number
  readonly fired: boolean
}

/** Restores state saved in format 1. */
export function loadVersion1(tracker: CorrelationTracker, { groups, known = [], evicted }: Version1): void {
  tracker.clear()
  const { windows } = tracker.groups
  for (const [group, stretches] of groups) {
    for (const { oldest, newest, fired, occurrences } of stretches) {
      const window = windows.open(oldest, newest, fired ? 1 : 0)
      tracker.groups.add(group, window)
      for (const { time, rule, value } of occurrences) windows.add(window, time, tracker.markOf(rule, value))
    }
  }
  for (const [group, each] of known) tracker.novelty?.add(group, each)
  tracker.keys.evicted = evicted
}
