import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Dispatcher } from '../../../src/delivery/sending/dispatcher.ts'
import type { DeliveryOutcome, SinkDefinition } from '../../../src/delivery/sink/sink.ts'
import { countDeadLetters } from '../../../src/queries/dead-letters.ts'
import { aFinding, someFindings } from '../../support/blocks/findings.ts'
import { SettableClock } from '../../support/clock.ts'
import { aState, commit, configured, incidentsConfig, type State } from '../../support/delivery.ts'
import { stepThrough } from '../../support/simulation.ts'
import { toldNotifier, toldSink } from '../../support/told-receiver.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]
const SETTINGS = [-2 * HOUR, -DAY, 5 * DAY].map((byMs) => [`${byMs / HOUR} h`, byMs] as const)

const down: DeliveryOutcome = { kind: 'retry', reason: 'network', detail: 'refused' }
const delivered: DeliveryOutcome = { kind: 'delivered' }

let state: State
let clock: SettableClock
beforeEach(() => {
  state = aState()
  clock = new SettableClock(Date.UTC(2026, 0, 5, 12))
})
afterEach(() => state.close())

const pass = (ms: number) => clock.pass(ms)

async function dispatcherOf(definition: SinkDefinition, keys: object = {}): Promise<Dispatcher> {
  const route = definition.takes === 'findings' ? { route: { severity: 'low' } } : {}
  const sinks = await configured({ told: { type: definition.type, ...route, ...keys } }, [definition])
  return new Dispatcher(state.db, sinks, { clock, random: () => 0.5, incidents: incidentsConfig })
}

/** Starts the dispatcher as a process does: it takes over what is stored, and delivers what is due. */
async function restart(definition: SinkDefinition, keys: object = {}): Promise<Dispatcher> {
  const next = await dispatcherOf(definition, keys)
  await next.drain(0)
  return next
}

describe.each(SETTINGS)('a wall clock that is set by %s', (_, byMs) => {
  it('delays nothing that is found afterwards', async () => {
    const { definition, batches } = toldSink(() => delivered)
    const dispatcher = await dispatcherOf({ ...definition, limits: { maxBatch: 1, ratePerSecond: 1 } })
    commit(state.db, someFindings(1), dispatcher.routes, clock.now())
    await stepThrough(dispatcher, 5 * SECOND, pass, SECOND)
    clock.set(byMs)
    commit(state.db, someFindings(4), dispatcher.routes, clock.now())
    await stepThrough(dispatcher, 10 * SECOND, pass, SECOND)
    expect(batches.flat()).toHaveLength(4)
  })

  it.each([
    ['a retry', 2],
    ['an open breaker', 8],
  ])('neither ends nor extends the wait of %s', async (_, failures) => {
    let up = false
    const { definition, batches } = toldSink(() => (up ? delivered : down))
    const dispatcher = await dispatcherOf(definition)
    commit(state.db, someFindings(5), dispatcher.routes, clock.now())
    while (batches.length < failures) await stepThrough(dispatcher, SECOND, pass, SECOND)
    const wait = 500 * 2 ** (failures - 1)
    up = true
    clock.set(byMs)
    await stepThrough(dispatcher, wait - 2 * SECOND, pass, SECOND)
    expect(batches).toHaveLength(failures)
    await stepThrough(dispatcher, MINUTE, pass, SECOND)
    expect(batches.slice(failures).flat()).toHaveLength(5)
    expect(countDeadLetters(state.db)).toBe(0)
  })

  it('gives nothing up when it is set during a delivery that fails', async () => {
    const { definition, batches } = toldSink((_, call) => {
      if (call === 2) clock.set(byMs)
      return call <= 2 ? down : delivered
    })
    const dispatcher = await dispatcherOf(definition)
    commit(state.db, someFindings(5), dispatcher.routes, clock.now())
    await stepThrough(dispatcher, MINUTE, pass, SECOND)
    expect(batches.slice(2).flat()).toHaveLength(5)
    expect(countDeadLetters(state.db)).toBe(0)
  })

  it('does not matter when it is set while the program is stopped', async () => {
    let up = false
    const { definition, batches } = toldSink(() => (up ? delivered : down))
    const dispatcher = await dispatcherOf(definition)
    commit(state.db, someFindings(5), dispatcher.routes, clock.now())
    await stepThrough(dispatcher, 2 * MINUTE, pass, SECOND)
    clock.set(byMs)
    const next = await restart(definition)
    await stepThrough(next, 10 * MINUTE, pass, SECOND)
    up = true
    const tries = batches.length
    await stepThrough(next, 10 * MINUTE, pass, SECOND)
    expect(batches.slice(tries).flat()).toHaveLength(5)
    expect(countDeadLetters(state.db)).toBe(0)
  })

  it('keeps the group wait of a notice, and the end of its incident', async () => {
    const { definition, notices } = toldNotifier()
    const dispatcher = await dispatcherOf(definition)
    commit(state.db, someFindings(1), dispatcher.routes, clock.now())
    await stepThrough(dispatcher, 10 * SECOND, pass, SECOND)
    clock.set(byMs)
    await stepThrough(dispatcher, 15 * SECOND, pass, SECOND)
    expect(notices).toHaveLength(0)
    await stepThrough(dispatcher, 10 * SECOND, pass, SECOND)
    expect(notices).toHaveLength(1)
    clock.set(byMs)
    await stepThrough(dispatcher, 30 * MINUTE, pass, MINUTE)
    expect(notices).toHaveLength(1)
    await stepThrough(dispatcher, 2 * HOUR, pass, MINUTE)
    expect(notices.map((notice) => notice.kind === 'incident' && notice.cause)).toEqual(['opened', 'resolved'])
  })

  it('lets quiet hours end by the time on the wall', async () => {
    const { definition, notices } = toldNotifier()
    const dispatcher = await dispatcherOf(definition, { mute: [{ from: '11:30', to: '12:30' }] })
    commit(state.db, [aFinding({ score: 0.75 })], dispatcher.routes, clock.now())
    await stepThrough(dispatcher, 5 * MINUTE, pass, SECOND)
    expect(notices).toHaveLength(0)
    clock.set(byMs)
    await stepThrough(dispatcher, 4 * HOUR, pass, MINUTE)
    expect(notices[0]).toMatchObject({ cause: 'opened' })
  })
})

describe('what is given up', () => {
  it('failed over three days in which it was tried, not three days of which the program slept most', async () => {
    const { definition } = toldSink(() => down)
    let dispatcher = await dispatcherOf(definition)
    commit(state.db, someFindings(1), dispatcher.routes, clock.now())
    for (let day = 0; day < 6; day++) {
      await stepThrough(dispatcher, MINUTE, pass, SECOND)
      pass(DAY)
      dispatcher = await restart(definition)
    }
    expect(countDeadLetters(state.db)).toBe(0)
    await stepThrough(dispatcher, 3 * DAY, pass, 5 * MINUTE)
    expect(countDeadLetters(state.db)).toBe(1)
  })
})
