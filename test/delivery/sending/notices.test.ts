import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Dispatcher } from '../../../src/delivery/sending/dispatcher.ts'
import type { IncidentNotice } from '../../../src/delivery/sink/sink.ts'
import { listIncidents } from '../../../src/queries/findings/incidents.ts'
import { Silences } from '../../../src/store/delivery/silences.ts'
import { aFinding } from '../../support/blocks/findings.ts'
import { clockOf } from '../../support/clock.ts'
import { aState, commit, configured, incidentsConfig, type State } from '../../support/delivery.ts'
import { stepThrough } from '../../support/simulation.ts'
import { toldNotifier } from '../../support/told-receiver.ts'

const ALL = { limit: 100 }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let state: State
let now: number
let told: ReturnType<typeof toldNotifier>
beforeEach(() => {
  state = aState()
  now = Date.UTC(2026, 0, 5, 12)
  told = toldNotifier()
})
afterEach(() => state.close())

const advance = (ms: number) => {
  now += ms
}

async function dispatcherOf(keys: object = {}): Promise<Dispatcher> {
  const sinks = await configured({ people: { type: 'told_people', ...keys } }, [told.definition])
  return new Dispatcher(state.db, sinks, { clock: clockOf(() => now), random: () => 0.5, incidents: incidentsConfig })
}

function causes(): string[] {
  return told.notices.map((notice) => (notice.kind === 'digest' ? `digest of ${notice.incidents}` : notice.cause))
}

describe('notices of an incident', () => {
  it('come after the group wait, in one, and name the strongest finding', async () => {
    const dispatcher = await dispatcherOf()
    commit(state.db, [aFinding({ n: 0, score: 0.72 }), aFinding({ n: 1, score: 0.8 })], dispatcher.routes, now)
    await stepThrough(dispatcher, 29_000, advance, 1_000)
    expect(told.notices).toHaveLength(0)
    await stepThrough(dispatcher, 2_000, advance, 1_000)
    const [notice] = told.notices as IncidentNotice[]
    expect(notice).toMatchObject({
      cause: 'opened',
      added: 2,
      incident: { who: '203.0.113.7', what: 'sqli', severity: 'high' },
    })
    expect(notice.findings[0].event.id).toBe(aFinding({ n: 1 }).event.id)
  })

  it('come again when it grew tenfold, when it goes on after the repeat interval, and when it is over', async () => {
    const dispatcher = await dispatcherOf()
    commit(state.db, [aFinding({ n: 0, score: 0.75 })], dispatcher.routes, now)
    await stepThrough(dispatcher, MINUTE, advance, 5_000)
    commit(
      state.db,
      Array.from({ length: 12 }, (_, i) => aFinding({ n: i + 1, score: 0.75 })),
      dispatcher.routes,
      now,
    )
    await stepThrough(dispatcher, 10 * MINUTE, advance, 5_000)
    expect(causes()).toEqual(['opened', 'grown'])
    for (let n = 0; n < 9; n++) {
      commit(state.db, [aFinding({ n: 100 + n, score: 0.75 })], dispatcher.routes, now)
      await stepThrough(dispatcher, 30 * MINUTE, advance, MINUTE)
    }
    expect(causes()).toEqual(['opened', 'grown', 'grown'])
    await stepThrough(dispatcher, 2 * HOUR, advance, MINUTE)
    expect(causes()).toEqual(['opened', 'grown', 'grown', 'resolved'])
    expect(listIncidents(state.db, { status: 'open' }, ALL).items).toEqual([])
  })

  it('are not repeated by a restart, and a finding committed twice counts once', async () => {
    const first = await dispatcherOf()
    commit(state.db, [aFinding()], first.routes, now)
    await stepThrough(first, MINUTE, advance, 5_000)
    const second = await dispatcherOf()
    commit(state.db, [aFinding()], second.routes, now)
    await stepThrough(second, 20 * MINUTE, advance, 5_000)
    expect(causes()).toEqual(['opened'])
    expect(listIncidents(state.db, {}, ALL).items).toMatchObject([{ findings: 1 }])
  })

  it('split where the log itself has a long gap, though it was read in one go', async () => {
    const dispatcher = await dispatcherOf()
    const begin = Date.UTC(2026, 0, 1)
    commit(
      state.db,
      [0, 1, 30, 31].map((hour, n) => aFinding({ n, time: begin + hour * HOUR })),
      dispatcher.routes,
      now,
    )
    expect(
      listIncidents(state.db, {}, ALL)
        .items.map(({ status, findings }) => [status, findings])
        .sort(),
    ).toEqual([
      ['open', 2],
      ['resolved', 2],
    ])
  })

  it('become one digest when many are due, strongest first', async () => {
    const dispatcher = await dispatcherOf()
    const findings = Array.from({ length: 12 }, (_, n) => aFinding({ n, who: `198.51.100.${n}`, score: 0.72 + n / 50 }))
    commit(state.db, findings, dispatcher.routes, now)
    await stepThrough(dispatcher, MINUTE, advance, 1_000)
    expect(causes()).toEqual(['digest of 12'])
    const [digest] = told.notices
    expect(digest).toMatchObject({
      findings: 12,
      top: [{ incident: { who: '198.51.100.11', severity: 'critical' } }, {}, {}, {}, {}],
    })
  })

  it('wait for the end of a silence, or of its life if that comes first', async () => {
    const dispatcher = await dispatcherOf()
    const silences = new Silences(state.db)
    const silence = { reason: 'pentest', author: 'ops', createdAt: now, expiresAt: now + 20 * MINUTE }
    const id = silences.add({ ...silence, matcher: { who: '203.0.113.*' } })
    commit(state.db, [aFinding(), aFinding({ n: 1, who: '192.0.2.9' })], dispatcher.routes, now)
    await stepThrough(dispatcher, 10 * MINUTE, advance, 5_000)
    expect(told.notices).toMatchObject([{ incident: { who: '192.0.2.9' } }])
    expect(silences.expire(id, now)).toBe(true)
    expect(silences.list(now)).toEqual([])
    await stepThrough(dispatcher, 2 * MINUTE, advance, 5_000)
    expect(told.notices).toMatchObject([{}, { incident: { who: '203.0.113.7' } }])
  })

  it('are held back while a critical incident of the same address is open', async () => {
    const dispatcher = await dispatcherOf()
    const minor = aFinding({ n: 1, what: 'scanner', score: 0.75 })
    commit(
      state.db,
      [aFinding({ n: 0, score: 0.99 }), minor, aFinding({ n: 2, what: 'scanner', who: '192.0.2.9', score: 0.75 })],
      dispatcher.routes,
      now,
    )
    await stepThrough(dispatcher, 20 * MINUTE, advance, 5_000)
    const named = (told.notices as IncidentNotice[]).map(({ incident }) => `${incident.what} ${incident.who}`)
    expect(named.sort()).toEqual(['scanner 192.0.2.9', 'sqli 203.0.113.7'])
  })

  it('wait for the end of a mute window, unless they are critical', async () => {
    const dispatcher = await dispatcherOf({ mute: [{ from: '11:00', to: '13:00' }], tell_resolved: false })
    commit(
      state.db,
      [aFinding({ score: 0.75 }), aFinding({ n: 1, who: '192.0.2.9', score: 0.99 })],
      dispatcher.routes,
      now,
    )
    await stepThrough(dispatcher, 50 * MINUTE, advance, 30_000)
    expect(told.notices).toMatchObject([{ incident: { who: '192.0.2.9' } }])
    commit(state.db, [aFinding({ n: 2, score: 0.75 })], dispatcher.routes, now)
    await stepThrough(dispatcher, 20 * MINUTE, advance, 30_000)
    expect(told.notices).toMatchObject([{}, { incident: { who: '203.0.113.7', findings: 2 } }])
  })

  it('go only to sinks whose route one of the findings fits', async () => {
    const dispatcher = await dispatcherOf({
      route: { severity: 'medium', tags: ['xss'], sources: ['/var/log/nginx/*'] },
    })
    commit(
      state.db,
      [
        aFinding(),
        aFinding({ n: 1, what: 'xss' }),
        aFinding({ n: 2, what: 'xss', who: '192.0.2.9', path: '/srv/other.log' }),
      ],
      dispatcher.routes,
      now,
    )
    await stepThrough(dispatcher, 2 * MINUTE, advance, 5_000)
    expect(told.notices).toMatchObject([{ incident: { what: 'xss', who: '203.0.113.7' } }])
  })
})

describe('a drain', () => {
  it('does not wait for the group wait, resolves what has been quiet, and counts no notice planned for later', async () => {
    const dispatcher = await dispatcherOf()
    commit(state.db, [aFinding({ score: 0.75 })], dispatcher.routes, now)
    expect(await dispatcher.drain(5_000)).toEqual({ pending: 0 })
    expect(causes()).toEqual(['opened'])
    commit(state.db, [aFinding({ n: 1, score: 0.75 })], dispatcher.routes, now)
    expect(await dispatcher.drain(5_000)).toEqual({ pending: 0 })
    expect(causes()).toEqual(['opened'])
    advance(2 * HOUR)
    expect(await dispatcher.drain(5_000)).toEqual({ pending: 0 })
    expect(causes()).toEqual(['opened', 'resolved'])
  })
})
