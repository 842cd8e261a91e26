import { describe, expect, it } from 'vitest'
import { SessionProfile } from '../../../../src/detectors/transformer/sessions/session-profile.ts'
import { SessionRarity } from '../../../../src/detectors/transformer/sessions/session-rarity.ts'
import { SessionTable } from '../../../../src/detectors/transformer/sessions/sessions.ts'

const table = () => new SessionTable({ maxSessions: 100, idleMs: 1000, kept: 4 })
const keys = (ended: readonly { key: string }[]) => ended.map(({ key }) => key)

describe('the open sessions', () => {
  it('end in the order of their silence when the log has moved on', () => {
    const sessions = table()
    sessions.touch('a', 0)
    sessions.touch('b', 100)
    sessions.touch('a', 200)
    expect(keys(sessions.touch('c', 1100).ended)).toEqual([])
    expect(keys(sessions.touch('c', 1300).ended)).toEqual(['b', 'a'])
    expect(sessions.size).toBe(1)
  })

  it('of the present do not end because an older file is read beside them, nor do its own', () => {
    const sessions = table()
    sessions.touch('now', 1_000_000)
    const old = sessions.touch('old', 5).session
    expect(sessions.touch('now', 1_000_010).ended).toEqual([])
    const again = sessions.touch('old', 10)
    expect(again.ended).toEqual([])
    expect(again.session).toBe(old)
  })

  it('end when their own next event comes too late, also in the past', () => {
    const sessions = table()
    sessions.touch('now', 1_000_000)
    const first = sessions.touch('old', 0).session
    const { session, ended } = sessions.touch('old', 2000)
    expect(ended).toEqual([first])
    expect(session).not.toBe(first)
  })

  it('go on without an end where no event has a time', () => {
    const sessions = table()
    const first = sessions.touch('a', Number.NaN).session
    expect(sessions.touch('b', Number.NaN).ended).toEqual([])
    expect(sessions.touch('a', Number.NaN).session).toBe(first)
    expect(sessions.touch('b', 5_000_000).ended).toEqual([])
    expect(keys(sessions.touch('b', 5_002_000).ended)).toEqual(['a', 'b'])
  })

  it('keep only what a window looks back to', () => {
    const sessions = table()
    const { session } = sessions.touch('a', 0)
    session.recent.push(1, 2, 3, 4, 5, 6)
    session.next = 7
    const copy = table()
    copy.restore(sessions.snapshot())
    expect(copy.touch('a', 1).session).toMatchObject({ next: 7, recent: [3, 4, 5, 6] })
  })
})

describe('the profile of sessions', () => {
  const profile = SessionProfile.of([Int32Array.of(1, 2, 2, 3), Int32Array.of(3, 2, 1, 2), Int32Array.of(1, 1)])

  it('counts what a session has too much or too little of, whatever its order', () => {
    expect(profile.distance(Int32Array.of(2, 1, 3, 2))).toBe(0)
    expect(profile.distance(Int32Array.of(1, 2, 2))).toBe(1)
    expect(profile.distance(Int32Array.of(1, 1, 9))).toBe(1)
    expect(profile.distance(Int32Array.of(7, 8))).toBe(4)
  })

  it('survives being stored', () => {
    const stored = new SessionProfile(JSON.parse(JSON.stringify(profile)))
    expect(stored.toJSON()).toEqual(profile.toJSON())
    expect(stored.distance(Int32Array.of(1, 2, 2))).toBe(1)
  })

  it('keeps the most frequent ones when there are too many', () => {
    const few = SessionProfile.of([Int32Array.of(5), Int32Array.of(6), Int32Array.of(6)], 1)
    expect(few.toJSON()).toEqual([[[6, 1]]])
  })
})

describe('the rarity of whole sessions', () => {
  const session = (extra: number) => Int32Array.of(1, 2, 3, ...new Array<number>(extra).fill(2))
  const normal = (count: number) => ({
    sessions: Array.from({ length: count }, (_, i) => session(i % 4)),
    worst: Array.from({ length: count }, (_, i) => 1 + ((i * 7919) % 1000) / 250),
  })
  const heldOut = new Set(Array.from({ length: 200 }, (_, i) => i * 5))
  const rarity = SessionRarity.fit(normal(1000), heldOut)

  it('is the greater, the odder the steps and the farther the contents', () => {
    const shares = [
      rarity.share(session(1), 2),
      rarity.share(session(1), 4.9),
      rarity.share(Int32Array.of(1, 8, 9), 4.9),
    ]
    expect(shares[0]).toBeGreaterThan(0.1)
    expect(shares[1]).toBeLessThan(0.05)
    expect(shares[2]).toBeLessThan(shares[1])
  })

  it('flags about as many normal sessions as it says', () => {
    const { sessions, worst } = normal(1000)
    const flagged = sessions.filter((one, i) => rarity.share(one, worst[i]) < 0.02).length
    expect(flagged).toBeGreaterThan(5)
    expect(flagged).toBeLessThan(40)
  })

  it('is judged by what came before, so that new contents are no surprise where they kept coming', () => {
    const { sessions, worst } = normal(1000)
    // In each tenth some sessions have contents that were never there before.
    const coming = sessions.map((one, i) => (i % 25 === 0 ? Int32Array.of(1, 2, 3, 100 + Math.floor(i / 100)) : one))
    const used = SessionRarity.fit({ sessions: coming, worst }, heldOut)
    const again = Int32Array.of(1, 2, 3, 900)
    expect(used.share(again, 2)).toBeGreaterThan(4 * rarity.share(again, 2))
  })
})
