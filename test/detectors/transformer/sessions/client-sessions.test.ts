import { describe, expect, it } from 'vitest'
import { Dictionary } from '../../../../src/core/columns/dictionary.ts'
import { ClientSessions } from '../../../../src/detectors/transformer/sessions/client-sessions.ts'
import { BOS, PAD } from '../../../../src/detectors/transformer/vocabulary.ts'

const LIMITS = { maxSessions: 100, idleMs: 1000, kept: 4 }
const table = () => new ClientSessions(LIMITS)
const touch = (sessions: ClientSessions, key: string, time: number) => sessions.touch(-1, () => key, 0, time)

/** Whether an event of the key at that time begins a session. */
function begins(sessions: ClientSessions, key: string, time: number): boolean {
  const slot = touch(sessions, key, time)
  const { began } = sessions
  sessions.push(slot, sessions.next(slot), 7)
  return began
}

describe('the open sessions of clients', () => {
  it('are over when the log has moved on without them', () => {
    const sessions = table()
    expect(begins(sessions, 'a', 0)).toBe(true)
    expect(begins(sessions, 'b', 900)).toBe(true)
    expect(begins(sessions, 'a', 1000)).toBe(false)
    expect(begins(sessions, 'c', 1950)).toBe(true)
    // A record from the past is within the time of its own session, but the log has moved on.
    expect(begins(sessions, 'b', 901)).toBe(true)
    expect(begins(sessions, 'a', 1001)).toBe(false)
  })

  it('of the present do not end because an older file is read beside them, nor do its own', () => {
    const sessions = table()
    begins(sessions, 'now', 1_000_000)
    expect(begins(sessions, 'old', 5)).toBe(true)
    expect(begins(sessions, 'now', 1_000_010)).toBe(false)
    expect(begins(sessions, 'old', 10)).toBe(false)
    expect(begins(sessions, 'old', 2000)).toBe(true)
  })

  it('go on where no event has a time', () => {
    const sessions = table()
    begins(sessions, 'a', Number.NaN)
    begins(sessions, 'b', Number.NaN)
    expect(begins(sessions, 'a', Number.NaN)).toBe(false)
    expect(begins(sessions, 'c', 5_000_000)).toBe(true)
    expect(begins(sessions, 'b', Number.NaN)).toBe(false)
    expect(begins(sessions, 'c', 5_002_000)).toBe(true)
    expect(begins(sessions, 'a', Number.NaN)).toBe(true)
  })

  it('keep their latest tokens by place', () => {
    const sessions = table()
    const slot = touch(sessions, 'a', 0)
    for (let place = 1; place <= 6; place++) sessions.push(slot, place, 10 + place)
    expect(sessions.next(slot)).toBe(7)
    expect([0, 1, 2, 3, 6].map((place) => sessions.token(slot, place))).toEqual([BOS, PAD, PAD, 13, 16])
  })

  it('are the same by the number of a text as by the text, also when numbers begin anew', () => {
    const sessions = table()
    const keys = ['a', 'bb', 'a', 'ccc', 'bb']
    const text = keys.join('')
    const ends = Uint32Array.from(keys, (_, i) => keys.slice(0, i + 1).join('').length)
    const starts = ends.map((end, i) => end - keys[i].length)
    const expected = keys.map((key) => touch(sessions, key, 0))
    for (let round = 0; round < 2; round++) {
      const ids = new Dictionary().encode(Buffer.from(text), starts, ends)
      sessions.follow(ids)
      expect(keys.map((_, i) => sessions.touch(ids.of[i], (at) => keys[at], i, 0))).toEqual(expected)
    }
  })

  it('come back from a snapshot as they were, those that are over with their key alone', () => {
    const sessions = table()
    for (let i = 0; i < 6; i++) begins(sessions, 'over', i)
    for (let i = 0; i < 9; i++) begins(sessions, 'open', 5000 + i)
    const copy = ClientSessions.restore(LIMITS, sessions.snapshot(), 8)
    expect(copy.snapshot()).toEqual(sessions.snapshot())
    const slot = touch(copy, 'open', 5500)
    expect(copy.began).toBe(false)
    expect(copy.next(slot)).toBe(10)
    expect([5, 6, 9].map((place) => copy.token(slot, place))).toEqual([PAD, 7, 7])
    touch(copy, 'over', 5500)
    expect(copy.began).toBe(true)
  })

  it('are not taken for those of another model', () => {
    const sessions = table()
    begins(sessions, 'a', 0)
    expect(() => ClientSessions.restore(LIMITS, sessions.snapshot(), 7)).toThrow('another model')
    expect(() => ClientSessions.restore({ ...LIMITS, kept: 5 }, sessions.snapshot(), 8)).toThrow('another model')
  })
})
