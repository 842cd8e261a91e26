import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Dispatcher } from '../../../src/delivery/sending/dispatcher.ts'
import { incidentsCommand } from '../../../src/faces/cli/review/incidents.ts'
import { silencesCommand } from '../../../src/faces/cli/review/silences.ts'
import { deadLettersCommand } from '../../../src/faces/cli/upkeep/dead-letters.ts'
import type { DeliveryContext } from '../../../src/faces/cli/upkeep/delivery-context.ts'
import { sinksCommand } from '../../../src/faces/cli/upkeep/sinks.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { SinkStates } from '../../../src/store/delivery/sink-state.ts'
import { someFindings } from '../../support/blocks/findings.ts'
import { clockOf } from '../../support/clock.ts'
import { aState, commit, configured, incidentsConfig, type State } from '../../support/delivery.ts'
import { toldSink } from '../../support/told-receiver.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const clock = clockOf(() => NOW)

const FAILED = { failures: 20, notBefore: NOW + 60_000, reason: 'network', detail: 'refused' } as const

let state: State
let printed: string[]
let refuses = true
let name = 'told'
const told = toldSink((batch) => {
  if (refuses) return { kind: 'rejected', reason: 'invalid_event', detail: 'no \u001b[31mred\u001b[0m please' }
  return batch.length > 0 ? { kind: 'delivered' } : { kind: 'rejected', reason: 'unexpected', detail: 'empty' }
})

beforeEach(async () => {
  state = aState()
  printed = []
  refuses = true
  name = 'told'
  const dispatcher = new Dispatcher(state.db, await sinks(), { clock, random: () => 0, incidents: incidentsConfig })
  commit(state.db, someFindings(3), dispatcher.routes, NOW)
  await dispatcher.drain(5_000)
})
afterEach(() => state.close())

async function sinks() {
  return await configured({ [name]: { type: 'told' } }, [told.definition])
}

async function oddline(...args: string[]): Promise<string> {
  const context: DeliveryContext = {
    clock,
    openState: () => openDatabase(`${state.dir}/state`),
    sinks,
    print: (line) => printed.push(line),
    user: () => 'ops',
  }
  const program = new Command().exitOverride()
  for (const command of [sinksCommand, deadLettersCommand, incidentsCommand, silencesCommand])
    program.addCommand(command(context))
  printed = []
  await program.parseAsync(args, { from: 'user' })
  return printed.join('\n')
}

describe('the commands about delivery', () => {
  it('list dead letters without their control characters, replay them and show that they arrived', async () => {
    const listed = await oddline('dead-letters', 'list')
    expect(listed).toContain('invalid_event')
    expect(listed).not.toContain('\u001b[31mred')
    expect(listed).toMatch(/^told: no .*please\n {4}3 letters/m)
    const [{ id }] = JSON.parse(await oddline('dead-letters', 'list', '--json', '--limit', '1')) as [{ id: number }]
    expect(JSON.parse(await oddline('dead-letters', 'show', String(id)))).toMatchObject({
      letter: { id },
      finding: { event: { kind: 'alert' } },
    })
    expect(await oddline('dead-letters', 'replay', String(id))).toContain('1 dead letter back')
    expect(await oddline('dead-letters', 'discard', '--sink', 'told')).toContain('2 dead letters discarded')
    const [row] = JSON.parse(await oddline('sinks', 'list', '--json')) as object[]
    expect(row).toMatchObject({ name: 'told', waiting: 1, dead_letters: 0, state: 'closed' })
  })

  it('say what waits for a sink that was renamed, and move it to another one, which sends it once', async () => {
    await oddline('dead-letters', 'replay', '--all')
    name = 'renamed'
    const listed = await oddline('sinks', 'list')
    expect(listed).toMatch(/^told +removed +removed +3 /m)
    expect(listed.replace(/\s+/g, ' ')).toContain('oddline sinks move told NEW')
    await expect(oddline('sinks', 'move', 'told', 'nowhere')).rejects.toThrow(/no sink nowhere/)
    await expect(oddline('sinks', 'move', 'renamed', 'told')).rejects.toThrow(/is configured/)
    expect(await oddline('sinks', 'move', 'told', 'renamed')).toContain('3 findings, 0 notices and 0 dead letters')
    expect(await oddline('sinks', 'move', 'told', 'renamed')).toContain('0 findings')
    refuses = false
    const dispatcher = new Dispatcher(state.db, await sinks(), { clock, random: () => 0, incidents: incidentsConfig })
    await dispatcher.drain(5_000)
    const rows = JSON.parse(await oddline('sinks', 'list', '--json')) as object[]
    expect(rows).toMatchObject([{ name: 'renamed', waiting: 0, delivered: 3 }])
  })

  it('discard what waits for a sink that was removed', async () => {
    name = 'another'
    expect(await oddline('sinks', 'discard', 'told')).toContain('0 findings, 0 notices and 3 dead letters')
    expect(JSON.parse(await oddline('sinks', 'list', '--json'))).toHaveLength(1)
    await expect(oddline('sinks', 'discard', 'another')).rejects.toThrow(/is configured/)
  })

  it('leave alone what another process is sending', async () => {
    await oddline('dead-letters', 'replay', '--all')
    name = 'renamed'
    state.db.prepare('UPDATE outbox SET leased_until = ? WHERE seq = 1').run(NOW + 1_000)
    const moved = await oddline('sinks', 'move', 'told', 'renamed')
    expect(moved).toMatch(/2 findings.*\n1 stay: /)
  })

  it('replay and discard nothing unless told what', async () => {
    await expect(oddline('dead-letters', 'discard')).rejects.toThrow(/Say what to discard/)
    expect(await oddline('dead-letters', 'discard', '--all')).toContain('3 dead letters')
    await expect(oddline('dead-letters', 'replay', '1')).rejects.toThrow(/No dead letter matches/)
  })

  it('send one test finding, and fail with the reason if it is not taken', async () => {
    await expect(oddline('sinks', 'test')).rejects.toThrow(/test failed for told/)
    expect(printed.join()).toContain('invalid_event')
    refuses = false
    expect(await oddline('sinks', 'test', 'told')).toBe('told: a test finding was delivered')
    expect(told.batches.at(-1)).toMatchObject([{ event: { action: 'oddline-test' } }])
    await expect(oddline('sinks', 'test', 'nobody')).rejects.toThrow(/no sink nobody/)
  })

  it('list each sink with its state in a word, and below what it said last', async () => {
    expect(await oddline('sinks', 'list')).toMatch(/^told +told +\w+ +ok +0 +0 +never +3$/m)
    new SinkStates(state.db).write('told', { ...new SinkStates(state.db).read('told'), ...FAILED })
    const listed = await oddline('sinks', 'list')
    expect(listed).toMatch(/^told +told +\w+ +down /m)
    expect(listed).toContain('told: network: refused\n  tried again after 2026-01-05T12:01:00Z')
  })

  it('show incidents, by the first characters of their id as well', async () => {
    const [incident] = JSON.parse(await oddline('incidents', 'list', '--json')) as { id: string; findings: number }[]
    expect(incident.findings).toBe(3)
    expect(JSON.parse(await oddline('incidents', 'show', incident.id.slice(0, 8)))).toMatchObject({ incident })
    await expect(oddline('incidents', 'show', '%')).rejects.toThrow(/No incident/)
  })

  it('silence for a time, with a reason, and end that', async () => {
    expect(await oddline('silences', 'add', '--who', '10.*', '--for', '2h', '--reason', 'scan by us')).toBe(
      'Silence 1 holds until 2026-01-05T14:00:00Z.',
    )
    expect(await oddline('silences', 'list')).toMatch(/10\.\*.*ops.*scan by us/)
    expect(await oddline('silences', 'expire', '1')).toBe('Silence 1 is over.')
    await expect(oddline('silences', 'add', '--for', '2h', '--reason', 'all')).rejects.toThrow(/--who or --what/)
    await expect(oddline('silences', 'add', '--who', 'x', '--for', 'long', '--reason', 'r')).rejects.toThrow(
      /not a length of time/,
    )
  })
})
