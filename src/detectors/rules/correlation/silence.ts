import type { Correlation } from '../sigma/model.ts'
import { enough } from './novelty.ts'
import type { Verdict } from './verdict.ts'

/** One group of events in one stream, whose silence is waited for. */
interface Voice {
  readonly first: number
  last: number
  events: number
  /** The longest pause so far: one that has been before is no news. */
  longest: number
  /** Whether its silence has not been judged yet. */
  awaited: boolean
}

export interface Stream {
  /** Time of its newest event. */
  clock: number
  /** No group can be overdue before. */
  nextDeadline: number
  readonly voices: Map<string, Voice>
}

/** `measure` is the length of the silence in ms so far. */
export interface SilenceHit extends Verdict {
  readonly group: string
  readonly lastTime: number
}

export type SilenceState = [
  stream: string,
  clock: number,
  voices: [string, number, number, number, number, boolean][],
][]

/**
 * `oddline_silence`: a group that spoke often enough for long enough has not spoken for the timespan, and for longer
 * than ever, while its stream goes on. A stream is a log with its rotated files; its clock is the time of its newest
 * event. So a silence is seen at the next event of the stream, another group's or its own, and never at the end of a
 * file, after which there is no time. It is told once, and may be told again when the group has spoken since.
 */
export class SilenceTracker {
  readonly #correlation: Correlation
  readonly #capacity: number
  readonly #streams = new Map<string, Stream>()

  constructor(correlation: Correlation, capacity: number) {
    this.#correlation = correlation
    this.#capacity = capacity
  }

  /** Takes in an event of a stream; returns the groups that it shows to have fallen silent. */
  observe(stream: Stream, group: string, time: number): readonly SilenceHit[] {
    const hits = time > stream.nextDeadline ? this.#overdue(stream, time) : NONE
    if (time > stream.clock) stream.clock = time
    this.#touch(stream, group, time)
    return hits
  }

  clear(): void {
    this.#streams.clear()
  }

  save(): SilenceState {
    return [...this.#streams].map(([name, { clock, voices }]) => [
      name,
      clock,
      [...voices].map(([group, v]) => [group, v.first, v.last, v.events, v.longest, v.awaited]),
    ])
  }

  load(state: SilenceState): void {
    this.#streams.clear()
    for (const [name, clock, voices] of state) {
      const stream = { clock, nextDeadline: Number.NEGATIVE_INFINITY, voices: new Map<string, Voice>() }
      for (const [group, first, last, events, longest, awaited] of voices) {
        stream.voices.set(group, { first, last, events, longest, awaited })
      }
      this.#streams.set(name, stream)
    }
  }

  /** The stream that a file belongs to. */
  stream(path: string): Stream {
    const name = streamOf(path)
    const known = this.#streams.get(name)
    if (known) return known
    const made = { clock: Number.NEGATIVE_INFINITY, nextDeadline: Number.POSITIVE_INFINITY, voices: new Map() }
    this.#streams.set(name, made)
    return made
  }

  #overdue(stream: Stream, time: number): readonly SilenceHit[] {
    const hits: SilenceHit[] = []
    stream.nextDeadline = Number.POSITIVE_INFINITY
    for (const [group, voice] of stream.voices) {
      if (!voice.awaited) continue
      const deadline = voice.last + this.#patience(voice)
      if (time <= deadline) stream.nextDeadline = Math.min(stream.nextDeadline, deadline)
      else {
        voice.awaited = false
        const { first, last, events } = voice
        const known = last - first >= this.#correlation.knownForMs && enough(events, this.#correlation)
        if (known) hits.push({ group, measure: time - last, events, firstTime: first, lastTime: last })
      }
    }
    return hits
  }

  #patience({ longest }: Voice): number {
    return Math.max(this.#correlation.timespanMs, longest * this.#correlation.timesLongestPause)
  }

  #touch(stream: Stream, group: string, time: number): void {
    const voice = stream.voices.get(group)
    if (!voice) {
      stream.voices.set(group, { first: time, last: time, events: 1, longest: 0, awaited: true })
      stream.nextDeadline = Math.min(stream.nextDeadline, time + this.#correlation.timespanMs)
      this.#bound(stream)
      return
    }
    voice.events++
    if (time <= voice.last) return
    voice.longest = Math.max(voice.longest, time - voice.last)
    voice.last = time
    if (voice.awaited) return
    voice.awaited = true
    stream.nextDeadline = Math.min(stream.nextDeadline, time + this.#patience(voice))
  }

  /** Beyond the capacity the group is forgotten that has been silent for longest: it has been told, or is unknown. */
  #bound({ voices }: Stream): void {
    if (voices.size <= this.#capacity) return
    let quietest = ''
    let since = Number.POSITIVE_INFINITY
    for (const [group, { last }] of voices) if (last < since) [quietest, since] = [group, last]
    voices.delete(quietest)
  }
}

const NONE: readonly SilenceHit[] = []

/** A log and its rotated files are one stream: `access.log`, `access.log.1`, `access.log-20240102.gz`. */
export function streamOf(path: string): string {
  return path.replace(/(?:[.-]\d{1,14}|\.(?:gz|old|\d{4}-\d{2}-\d{2})|-\d{4}-\d{2}-\d{2})+$/, '')
}
