import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../../src/core/random.ts'
import { Dispatcher } from '../../../src/delivery/sending/dispatcher.ts'
import { silentTelemetry } from '../../../src/delivery/sending/telemetry.ts'
import type { DeliveryOutcome, Finding, SinkDefinition } from '../../../src/delivery/sink/sink.ts'
import { countDeadLetters } from '../../../src/queries/dead-letters.ts'
import { DeadLetters } from '../../../src/store/delivery/dead-letters.ts'
import { someFindings } from '../../support/blocks/findings.ts'
import { clockOf } from '../../support/clock.ts'
import { aState, commit, configured, incidentsConfig, type State } from '../../support/delivery.ts'
import { stepThrough } from '../../support/simulation.ts'
import { toldSink } from '../../support/told-receiver.ts'

let state: State
let now: number
const clock = clockOf(() => now)
const advance = (ms: number) => {
  now += ms
}
beforeEach(() => {
  state = aState()
  now = Date.UTC(2026, 0, 5, 12)
})
afterEach(() => state.close())

const down: DeliveryOutcome = { kind: 'retry', reason: 'network', detail: 'refused' }

async function dispatcherOf(
  definition: SinkDefinition,
  keys: object = {},
  telemetry = silentTelemetry,
): Promise<Dispatcher> {
  const sinks = await configured({ told: { type: 'told', route: { severity: 'low' }, ...keys } }, [definition])
  return new Dispatcher(state.db, sinks, { clock, random: () => 0.5, incidents: incidentsConfig, telemetry })
}

describe('a lane', () => {
  it('waits longer from failure to failure, opens its breaker, probes with one finding and then goes on', async () => {
    let up = false
    const { definition, batches } = toldSink(() => (up ? { kind: 'delivered' } : down))
    const states: string[] = []
    const telemetry = { ...silentTelemetry, breaker: (_: string, breaker: string) => void states.push(breaker) }
    const dispatcher = await dispatcherOf(definition, {}, telemetry)
    commit(state.db, someFindings(40), dispatcher.routes, now)
    await stepThrough(dispatcher, 60_000, advance, 500)
    const tries = batches.length
    expect(tries).toBeGreaterThan(4)
    expect(tries).toBeLessThan(12)
    up = true
    await stepThrough(dispatcher, 600_000, advance, 1_000)
    expect(batches[tries]).toHaveLength(1)
    expect(batches.slice(tries).flat()).toHaveLength(40)
    expect(states[0]).toBe('open')
    expect(states.at(-1)).toBe('closed')
  })

  it('keeps a Retry-After over a restart', async () => {
    const { definition, batches } = toldSink(() => ({
      kind: 'retry',
      reason: 'rate_limited',
      detail: '',
      afterMs: 120_000,
    }))
    const first = await dispatcherOf(definition)
    commit(state.db, someFindings(3), first.routes, now)
    await first.turn()
    const second = await dispatcherOf(definition)
    await stepThrough(second, 119_000, advance, 1_000)
    expect(batches).toHaveLength(1)
    await stepThrough(second, 3_000, advance, 1_000)
    expect(batches).toHaveLength(2)
  })

  it('takes up what a crashed process had claimed as soon as it starts', async () => {
    const never = toldSink(() => {
      throw new Error('unreachable')
    })
    const crashed = await dispatcherOf(never.definition)
    commit(state.db, someFindings(5), crashed.routes, now)
    state.db.prepare('UPDATE outbox SET leased_until = ?, attempts = 1, first_tried_at = ?').run(now + 60_000, now)
    const { definition, batches } = toldSink(() => ({ kind: 'delivered' }))
    const dispatcher = await dispatcherOf(definition)
    expect(await dispatcher.drain(5_000)).toEqual({ pending: 0 })
    expect(batches.flat()).toHaveLength(5)
  })

  it('gives a finding up by the time it was tried and not by the number of tries', async () => {
    const { definition, batches } = toldSink(() => down)
    const dispatcher = await dispatcherOf(definition, { retry_for: '1h', retry_max_wait: '1m' })
    commit(state.db, someFindings(2), dispatcher.routes, now)
    await stepThrough(dispatcher, 59 * 60_000, advance, 5_000)
    expect(countDeadLetters(state.db)).toBe(0)
    expect(batches.length).toBeGreaterThan(60)
    await stepThrough(dispatcher, 5 * 60_000, advance, 5_000)
    const [letter] = new DeadLetters(state.db).list()
    expect(letter).toMatchObject({ reason: 'network', detail: 'given up after 1 h: refused' })
  })

  it('moves the oldest findings of a full queue to the dead letters and says how many', async () => {
    const { definition } = toldSink(() => down)
    const dispatcher = await dispatcherOf(definition, { capacity: 10 })
    expect(commit(state.db, someFindings(25), dispatcher.routes, now).overflowed).toEqual(new Map([['told', 15]]))
    expect(dispatcher.pending()).toBe(10)
    const letters = new DeadLetters(state.db).list({ reason: 'overflow' })
    expect(letters.map(({ seq }) => seq).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 15 }, (_, i) => i + 1),
    )
  })

  it('sets aside a finding that makes the receiver fail, and delivers those behind it', async () => {
    const poison = someFindings(30)[4].event.id
    const { definition, batches } = toldSink((batch) =>
      batch.some((f) => f.event.id === poison)
        ? { kind: 'retry', reason: 'server_error', detail: 'HTTP 500' }
        : { kind: 'delivered' },
    )
    const dispatcher = await dispatcherOf(definition, { retry_max_wait: '10s' })
    commit(state.db, someFindings(30), dispatcher.routes, now)
    await stepThrough(dispatcher, 20 * 60_000, advance, 1_000)
    const delivered = batches.filter((batch) => !batch.some((f) => f.event.id === poison)).flat()
    expect(delivered).toHaveLength(29)
    expect(dispatcher.pending()).toBe(1)
  })

  it('holds the queue, giving nothing up, while the receiver does not let us in', async () => {
    const { definition } = toldSink(() => ({ kind: 'retry', reason: 'unauthorized', detail: 'HTTP 401' }))
    const dispatcher = await dispatcherOf(definition)
    commit(state.db, someFindings(7), dispatcher.routes, now)
    await stepThrough(dispatcher, 24 * 3_600_000, advance, 300_000)
    expect(dispatcher.pending()).toBe(7)
    expect(countDeadLetters(state.db)).toBe(0)
  })

  it('does not wait for ever for a sink that ignores its abort', async () => {
    const { definition } = toldSink(() => ({ kind: 'delivered' }))
    const hung = {
      ...definition,
      create: () => ({ deliver: () => new Promise<DeliveryOutcome>(() => {}) }),
    } as SinkDefinition
    const reasons: string[] = []
    const telemetry = {
      ...silentTelemetry,
      retrying: (...[, , reason]: [string, number, string, ...unknown[]]) => void reasons.push(reason),
    }
    const dispatcher = await dispatcherOf(hung, { timeout: '50ms' }, telemetry)
    commit(state.db, someFindings(1), dispatcher.routes, now)
    await dispatcher.turn()
    expect(reasons).toEqual(['timeout'])
    expect(dispatcher.pending()).toBe(1)
  })

  it('loses nothing and keeps the order, whatever the receiver answers and whenever the process dies', async () => {
    const answers = fc.constantFrom('delivered', 'retry', 'limited', 'refused', 'dies', 'throws')
    await fc.assert(
      fc.asyncProperty(
        fc.array(answers, { maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        async (script, count, seed) => {
          const own = aState()
          const random = seeded(seed)
          const findings = someFindings(count)
          const taken: Finding[] = []
          let calls = 0
          const { definition } = toldSink((batch) => {
            const answer = script[calls++] ?? 'delivered'
            if (answer === 'retry') return down
            if (answer === 'limited') return { kind: 'retry', reason: 'rate_limited', detail: '', afterMs: 5_000 }
            if (answer === 'throws') throw new Error('a bug in the sink')
            if (answer === 'refused') {
              const bad = Math.floor(random() * batch.length)
              taken.push(...batch.slice(0, bad))
              const rejected = [{ finding: batch[bad], reason: 'invalid_event' as const, detail: 'no' }]
              return { kind: 'partial', retry: batch.slice(bad + 1), rejected }
            }
            taken.push(...batch)
            // The receiver took it all, and we die before we know.
            return answer === 'dies' ? down : { kind: 'delivered' }
          })
          const dispatcher = async () =>
            new Dispatcher(own.db, await configured({ told: { type: 'told' } }, [definition]), {
              clock,
              random,
              incidents: incidentsConfig,
            })
          let current = await dispatcher()
          commit(own.db, findings, current.routes, now)
          for (let turn = 0; turn < 200 && current.pending() > 0; turn++) {
            advance(20_000)
            if (turn % 7 === 6) current = await dispatcher()
            await current.turn()
          }
          const dead = new DeadLetters(own.db).list({}, 1_000)
          const buried = new Set(dead.map(({ seq }) => findings[Number(seq) - 1].event.id))
          const first = [...new Set(taken.map(({ event }) => event.id))].filter((id) => !buried.has(id))
          const expected = findings.map(({ event }) => event.id).filter((id) => !buried.has(id))
          own.close()
          expect(first).toEqual(expected)
          expect(buried.size).toBe(dead.length)
        },
      ),
      { numRuns: 40 },
    )
  })
})
