import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../../src/core/clock.ts'
import { Dispatcher } from '../../../src/delivery/sending/dispatcher.ts'
import type { DeliveryOutcome, Finding, SinkDefinition } from '../../../src/delivery/sink/sink.ts'
import { countDeadLetters } from '../../../src/queries/dead-letters.ts'
import { DeadLetters } from '../../../src/store/delivery/dead-letters.ts'
import { someFindings } from '../../support/blocks/findings.ts'
import { aState, commit, configured, incidentsConfig, type State } from '../../support/delivery.ts'

let state: State
beforeEach(() => {
  state = aState()
})
afterEach(() => state.close())

const options = { clock: systemClock, random: Math.random, incidents: incidentsConfig }

/** A receiver that answers as it is told, and remembers what it took. */
function receiver(answer: (batch: readonly Finding[], call: number) => DeliveryOutcome, maxBatch = 500) {
  const batches: Finding[][] = []
  const definition: SinkDefinition<object> = {
    type: 'told',
    takes: 'findings',
    config: z.strictObject({}),
    limits: { maxBatch },
    create: () => ({
      async deliver(batch) {
        batches.push([...batch])
        return answer(batch, batches.length)
      },
    }),
  }
  return { definition, batches }
}

async function dispatcherOf(sinks: Record<string, unknown>, more: readonly SinkDefinition[] = []) {
  return new Dispatcher(state.db, await configured(sinks, more), options)
}

describe('the dispatcher', () => {
  it('writes each finding of the route to a file, in order, and leaves the queue empty', async () => {
    const path = join(state.dir, 'out.jsonl')
    const dispatcher = await dispatcherOf({ out: { type: 'file', path } })
    const findings = someFindings(25)
    commit(state.db, findings, dispatcher.routes, Date.now())
    expect(await dispatcher.drain(10_000)).toEqual({ pending: 0 })
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(findings)
  })

  it('isolates three poison events of 500 and delivers the other 497, which replay mends', async () => {
    let mended = false
    const poison = new Set(
      someFindings(500)
        .filter((_, n) => [3, 250, 499].includes(n))
        .map((f) => f.event.id),
    )
    const { definition, batches } = receiver((batch) =>
      !mended && batch.some((f) => poison.has(f.event.id))
        ? { kind: 'rejected', reason: 'invalid_event', detail: 'field "url" is not a keyword' }
        : { kind: 'delivered' },
    )
    const dispatcher = await dispatcherOf({ told: { type: 'told' } }, [definition])
    commit(state.db, someFindings(500), dispatcher.routes, Date.now())
    expect(await dispatcher.drain(30_000)).toEqual({ pending: 0 })
    const accepted = batches.filter((b) => !b.some((f) => poison.has(f.event.id))).flat()
    expect(accepted).toHaveLength(497)
    expect(new Set(accepted.map((f) => f.event.id)).size).toBe(497)
    const letters = new DeadLetters(state.db)
    expect(letters.list().map((l) => [l.reason, l.detail])).toEqual(
      Array(3).fill(['invalid_event', 'field "url" is not a keyword']),
    )
    mended = true
    expect(letters.replay({ sink: 'told' }, Date.now())).toBe(3)
    expect(await dispatcher.drain(30_000)).toEqual({ pending: 0 })
    expect(batches.at(-1)?.map((f) => f.event.id)).toEqual([...poison])
    expect(countDeadLetters(state.db)).toBe(0)
  })

  it('goes on delivering to the others while one receiver is dead', async () => {
    const dead = receiver(() => ({ kind: 'retry', reason: 'network', detail: 'refused' }))
    const path = join(state.dir, 'out.jsonl')
    const dispatcher = await dispatcherOf({ told: { type: 'told' }, out: { type: 'file', path } }, [dead.definition])
    commit(state.db, someFindings(10), dispatcher.routes, Date.now())
    expect(await dispatcher.drain(200)).toEqual({ pending: 10 })
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(10)
    expect(countDeadLetters(state.db)).toBe(0)
  })

  it('delivers what is committed while it runs, after a wake', async () => {
    const arrived = withResolvers()
    const { definition, batches } = receiver(() => {
      arrived.resolve()
      return { kind: 'delivered' }
    })
    const dispatcher = await dispatcherOf({ told: { type: 'told' } }, [definition])
    dispatcher.start()
    commit(state.db, someFindings(3), dispatcher.routes, Date.now())
    dispatcher.wake()
    await arrived.promise
    await dispatcher.stop(1_000)
    expect(batches.flat()).toHaveLength(3)
  })
})

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((r) => {
    resolve = r
  })
  return { promise, resolve }
}
