import { describe, expect, it } from 'vitest'
import { SessionCollector } from '../../../../src/detectors/transformer/training/collector.ts'
import { blockOf, type Event, templatesOf } from '../support.ts'

const START = Date.UTC(2026, 0, 5, 12)
const LIMITS = { idleMs: 1000 }

const event = (client: string, template: number, at: number): Event => ({ client, template, time: START + at })

function collect(collector: SessionCollector, events: readonly Event[], flagged: readonly number[] = []) {
  const block = blockOf(events)
  collector.collect(
    block,
    templatesOf(block),
    Uint8Array.from(events, (_, i) => (flagged.includes(i) ? 1 : 0)),
  )
  return collector
}

const lists = (collector: SessionCollector) => collector.sessions().sequences.map((sequence) => [...sequence])

describe('gathering sessions to learn from', () => {
  const events = [event('a', 1, 0), event('b', 5, 1), event('a', 2, 2), event('b', 6, 1500), event('b', 7, 1501)]

  it('keeps each session in order and knows which came to their end', () => {
    const collector = collect(new SessionCollector(LIMITS), events)
    expect(lists(collector)).toEqual([[5], [1, 2], [6, 7]])
    expect(collector.sessions().complete).toEqual([true, true, false])
  })

  it('leaves out a session with a flagged event, whole, whether it is over or open', () => {
    expect(lists(collect(new SessionCollector(LIMITS), events, [2]))).toEqual([[5], [6, 7]])
    expect(lists(collect(new SessionCollector(LIMITS), events, [3]))).toEqual([[5], [1, 2]])
    expect(lists(collect(new SessionCollector(LIMITS), events, [4]))).toEqual([[5], [1, 2]])
  })

  it('takes only the first steps of a flood by one client, as a session without an end', () => {
    const flood = Array.from({ length: 2000 }, (_, i) => event('flood', i % 7, 0))
    const collector = collect(new SessionCollector(LIMITS), [...flood, event('b', 1, 5000), event('c', 1, 5000)])
    expect(lists(collector)[0].length).toBe(512)
    expect(collector.sessions().complete[0]).toBe(false)
  })

  it('stops taking in at its limit', () => {
    const collector = new SessionCollector({ ...LIMITS, maxTemplates: 3 })
    collect(collector, [...events, event('z', 9, 9000)])
    expect(collector.sessions().sequences.flatMap((one) => [...one])).toEqual([5, 1, 2, 9])
  })

  it('goes on after a restart as if there had been none', () => {
    for (const cut of [0, 1, 3, 5]) {
      const before = collect(new SessionCollector(LIMITS), events.slice(0, cut), [1])
      const after = new SessionCollector(LIMITS)
      after.restore(before.snapshot())
      collect(after, events.slice(cut), cut <= 1 ? [1 - cut] : [])
      expect(after.sessions()).toEqual(collect(new SessionCollector(LIMITS), events, [1]).sessions())
    }
  })

  it('refuses a damaged snapshot, and is then as new', () => {
    const collector = collect(new SessionCollector(LIMITS), events)
    const damaged = collector.snapshot()
    damaged[damaged.length >> 1] ^= 1
    expect(() => collector.restore(damaged)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }))
    expect(lists(collector)).toEqual([])
  })
})
