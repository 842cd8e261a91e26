import type { PackedArray } from '../../../core/pack.ts'
import type { Groups } from './groups.ts'
import type { Novelty } from './novelty.ts'
import { Places, small } from './state-columns.ts'
import type { CorrelationTracker } from './tracker.ts'

/** Saved state of a correlation. Groups are in the order of use, least recently used first. */
export interface CorrelationState {
  readonly id: string
  readonly evicted: number
  /** The distinct values; the arrays refer to them by index. */
  readonly values: readonly string[]
  readonly groups: readonly string[]
  readonly arrays: Readonly<Record<string, PackedArray>>
}

export function saveState({ correlation, groups, novelty, keys }: CorrelationTracker): CorrelationState {
  const { id } = correlation
  const values = new Places()
  const arrays = novelty ? novelties(novelty, values) : windows(groups, values)
  return {
    id,
    evicted: keys.evicted,
    values: values.texts,
    groups: Array.from(keys.slots(), (s) => keys.key(s)),
    arrays,
  }
}

export function loadState(tracker: CorrelationTracker, state: CorrelationState): void {
  tracker.clear()
  const { groups, novelty } = tracker
  if (novelty) loadNovelties(novelty, state)
  else loadWindows(groups, state)
  tracker.keys.evicted = state.evicted
}

function windows(groups: Groups, places: Places): Record<string, PackedArray> {
  const { windows, keys } = groups
  const { occurrences } = windows
  const counts = new Float64Array(keys.size)
  const [oldest, newest] = [new Float64Array(windows.size), new Float64Array(windows.size)]
  const [fired, lengths] = [new Float64Array(windows.size), new Float64Array(windows.size)]
  const [times, marks] = [new Float64Array(occurrences.size), new Float64Array(occurrences.size)]
  let [g, w, o] = [0, 0, 0]
  for (const slot of keys.slots()) {
    const count = groups.countOf(slot)
    counts[g++] = count
    for (let i = 0; i < count; i++) {
      const window = groups.windowOf(slot, i)
      oldest[w] = windows.oldest(window)
      newest[w] = windows.newest(window)
      fired[w] = windows.fired(window)
      lengths[w++] = occurrences.lengthOf(window)
      occurrences.forEach(window, (mark, time) => {
        times[o] = time
        marks[o++] = typeof mark === 'string' ? places.of(mark) : mark
      })
    }
  }
  return {
    counts: small(counts),
    oldest,
    newest,
    fired: small(fired),
    lengths: small(lengths),
    times,
    marks: small(marks),
  }
}

function loadWindows(to: Groups, { groups, values, arrays }: CorrelationState): void {
  const { counts, oldest, newest, fired, lengths, times, marks } = arrays
  let w = 0
  let o = 0
  for (const [g, group] of groups.entries()) {
    for (const end = w + counts[g]; w < end; w++) {
      const window = to.windows.open(oldest[w], newest[w], fired[w])
      to.add(group, window)
      for (const last = o + lengths[w]; o < last; o++) {
        to.windows.add(window, times[o], values.length > 0 ? values[marks[o]] : marks[o])
      }
    }
  }
}

function novelties(novelty: Novelty, places: Places): Record<string, PackedArray> {
  const { size } = novelty.keys
  const [first, events, counts] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
  const marks: number[] = []
  let g = 0
  for (const slot of novelty.keys.slots()) {
    const known = novelty.known(slot)
    first[g] = known.first
    events[g] = known.events
    counts[g++] = known.values.length
    for (const value of known.values) marks.push(places.of(value))
  }
  return { first, events: small(events), counts: small(counts), marks: small(marks) }
}

function loadNovelties(to: Novelty, { groups, values, arrays }: CorrelationState): void {
  const { first, events, counts, marks } = arrays
  let at = 0
  for (const [g, group] of groups.entries()) {
    const own = Array.from(marks.subarray(at, at + counts[g]), (place) => values[place])
    at += counts[g]
    to.add(group, { first: first[g], events: events[g], values: own })
  }
}
