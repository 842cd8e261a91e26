import type { Follower } from './follower.ts'
import type { Known } from './novelty.ts'

/** What a correlation had seen, in the JSON of version 1. */
export interface Version1 {
  readonly id: string
  readonly evicted: number
  readonly groups: readonly (readonly [string, readonly Window[]])[]
  readonly known?: readonly (readonly [string, Known])[]
}

interface Window {
  readonly occurrences: readonly { readonly time: number; readonly rule: number; readonly value: string }[]
  readonly oldest: number
  readonly newest: number
  readonly fired: boolean
}

/** Goes on from what was saved in version 1. */
export function loadVersion1(follower: Follower, { groups, known = [], evicted }: Version1): void {
  follower.clear()
  const { windows } = follower.groups
  for (const [group, stretches] of groups) {
    for (const { oldest, newest, fired, occurrences } of stretches) {
      const window = windows.open(oldest, newest, fired ? 1 : 0)
      follower.groups.add(group, window)
      for (const { time, rule, value } of occurrences) windows.add(window, time, follower.markOf(rule, value))
    }
  }
  for (const [group, each] of known) follower.novelty?.add(group, each)
  follower.keys.evicted = evicted
}
