import { describe, expect, it } from 'vitest'
import type { Ids } from '../../../../src/core/columns/dictionary.ts'
import { ClientSessions } from '../../../../src/detectors/transformer/sessions/client-sessions.ts'
import { LogSessions } from '../../../../src/detectors/transformer/sessions/log-sessions.ts'

const LIMITS = { maxSessions: 8, idleMs: 60_000, kept: 4 }
const NONE: Ids = { epoch: 1, size: 0, of: new Int32Array(0) }

/** Takes one step of a client, and returns the place of it in its session. */
function step(sessions: ClientSessions, token: number): number {
  sessions.follow(NONE)
  const slot = sessions.touch(-1, () => 'client', 0, 1000)
  const place = sessions.next(slot)
  sessions.push(slot, place, token)
  return place
}

describe('the sessions of several logs', () => {
  it('are apart for each format, and stay so when they are kept', () => {
    const logs = new LogSessions(LIMITS)
    expect([step(logs.of('syslog'), 5), step(logs.of('json'), 6), step(logs.of('syslog'), 7)]).toEqual([1, 1, 2])
    const kept = LogSessions.restore(LIMITS, logs.snapshot(), 10)
    expect([step(kept.of('json'), 6), step(kept.of('syslog'), 5), step(kept.of('csv'), 5)]).toEqual([2, 3, 1])
  })

  it('that a version before this one kept go to the first format that comes', () => {
    const before = new ClientSessions(LIMITS)
    step(before, 5)
    const logs = LogSessions.restore(LIMITS, before.snapshot(), 10)
    expect([step(logs.of('access'), 6), step(logs.of('json'), 6)]).toEqual([2, 1])
  })
})
