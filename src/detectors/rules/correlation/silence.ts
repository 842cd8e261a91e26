import type { Correlation } from '../sigma/model.ts'
import { enough } from './novelty.ts'
import type { CorrelationResult } from './result.ts'

/** A group of events in one stream. */
interface TrackedGroup {
  readonly first: number
  last: number
  events: number
  /** The longest pause so far, ms; only a longer one is unusual. */
  longest: number
  /** True until its current silence is evaluated. */
  pending: boolean
}

export interface Stream {
  /** Time of the stream's newest event. */
  clock: number
  /** No group can be overdue before this time. */
  nextDeadline: number
  readonly groups: Map<string, TrackedGroup>
}

/** A silent group. `measure` is the length of the silence so far, ms. */
export interface SilenceHit extends CorrelationResult {
  readonly group: string
  readonly lastTime: number
}

export type SilenceState = [
  stream: string,
  clock: number,
  groups: [string, number, number, number, number, boolean][],
][]

/**
 * `oddline_silence`: fires when an established group has had no event for the timespan, and for longer than ever
 * before, while its stream continues. A stream is a log with its rotated files; its clock is the time of its newest
 * event. So a silence is found at the next event of the stream, from this group or another one, and never at the end of
 * a file. It fires once per silence.
 */
export class SilenceTracker {
  readonly #correlation: Correlation
  readonly #capacity: number
  readonly #streams = new Map<string, Stream>()

  constructor(correlation: Correlation, capacity: number) {
    this.#correlation = correlation
    this.#capacity = capacity
  }

  /** Records an event of a stream. Returns the groups that it shows to be silent. */
  observe(stream: Stream, group: string, time: number): readonly SilenceHit[] {
    const hits = time > stream.nextDeadline ? this.#overdue(stream, time) : NONE
    if (time > stream.clock) stream.clock = time
    this.#record(stream, group, time)
    return hits
  }

  clear(): void {
    this.#streams.clear()
  }

  save(): SilenceState {
    return [...this.#streams].map(([name, { clock, groups }]) => [
      name,
      clock,
      [...groups].map(([group, v]) => [group, v.first, v.last, v.events, v.longest, v.pending]),
    ])
  }

  load(state: SilenceState): void {
    this.#streams.clear()
    for (const [name, clock, groups] of state) {
      const stream = { clock, nextDeadline: Number.NEGATIVE_INFINITY, groups: new Map<string, TrackedGroup>() }
      for (const [group, first, last, events, longest, pending] of groups) {
        stream.groups.set(group, { first, last, events, longest, pending })
      }
      this.#streams.set(name, stream)
    }
  }

  /** The stream of a file. */
  stream(path: string): Stream {
    const name = streamOf(path)
    const known = this.#streams.get(name)
    if (known) return known
    const made = { clock: Number.NEGATIVE_INFINITY, nextDeadline: Number.POSITIVE_INFINITY, groups: new Map() }
    this.#streams.set(name, made)
    return made
  }

  #overdue(stream: Stream, time: number): readonly SilenceHit[] {
    const hits: SilenceHit[] = []
    stream.nextDeadline = Number.POSITIVE_INFINITY
    for (const [group, state] of stream.groups) {
      if (!state.pending) continue
      const deadline = state.last + this.#allowedPause(state)
      if (time <= deadline) stream.nextDeadline = Math.min(stream.nextDeadline, deadline)
      else {
        state.pending = false
        const { first, last, events } = state
        const known = last - first >= this.#correlation.knownForMs && enough(events, this.#correlation)
        if (known) hits.push({ group, measure: time - last, events, firstTime: first, lastTime: last })
      }
    }
    return hits
  }

  #allowedPause({ longest }: TrackedGroup): number {
    return Math.max(this.#correlation.timespanMs, longest * this.#correlation.timesLongestPause)
  }

  #record(stream: Stream, group: string, time: number): void {
    const state = stream.groups.get(group)
    if (!state) {
      stream.groups.set(group, { first: time, last: time, events: 1, longest: 0, pending: true })
      stream.nextDeadline = Math.min(stream.nextDeadline, time + this.#correlation.timespanMs)
      this.#bound(stream)
      return
    }
    state.events++
    if (time <= state.last) return
    state.longest = Math.max(state.longest, time - state.last)
    state.last = time
    if (state.pending) return
    state.pending = true
    stream.nextDeadline = Math.min(stream.nextDeadline, time + this.#allowedPause(state))
  }

  /**
   * Beyond the capacity, the group that has been silent for longest is evicted: its silence was already evaluated, or
   * it is not established.
   */
  #bound({ groups }: Stream): void {
    if (groups.size <= this.#capacity) return
    let evicted = ''
    let since = Number.POSITIVE_INFINITY
    for (const [group, { last }] of groups) if (last < since) [evicted, since] = [group, last]
    groups.delete(evicted)
  }
}

const NONE: readonly SilenceHit[] = []

/** A log and its rotated files form one stream: `access.log`, `access.log.1`, `access.log-20240102.gz`. */
export function streamOf(path: string): string {
  return path.replace(/(?:[.-]\d{1,14}|\.(?:gz|old|\d{4}-\d{2}-\d{2})|-\d{4}-\d{2}-\d{2})+$/, '')
}
