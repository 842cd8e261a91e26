import { Command } from 'commander'
import { discardQueue, type LeftQueueChange, moveQueue } from '../../../control/left-queues.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import type { ConfiguredSink } from '../../../delivery/routing/configure.ts'
import { breakerState } from '../../../delivery/sending/circuit-breaker.ts'
import { testFinding, testNotice } from '../../../delivery/sink/sample.ts'
import { type SinkStatus, sinkStatus } from '../../../queries/sinks.ts'
import { visibleCut } from '../../visible.ts'
import { leftAdvice } from '../left-advice.ts'
import { plainTable } from '../table.ts'
import { count } from '../text.ts'
import { type DeliveryContext, timeText, withState } from './delivery-context.ts'

/** `oddline sinks list | check | test | setup | move | discard`. */
export function sinksCommand(context: DeliveryContext): Command {
  const command = new Command('sinks').description('Show, check, test and set up the receivers of findings')
  command
    .command('list')
    .description('Show each sink with what waits, what was given up, and its last error')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => await list(context, options.json ?? false))
  command
    .command('check')
    .description('Check that each receiver answers and accepts our key; sends no finding')
    .argument('[name]', 'one sink only')
    .action(async (name?: string) => await each(context, name, 'check', check))
  command
    .command('test')
    .description('Send one finding that is marked as a test')
    .argument('[name]', 'one sink only')
    .action(async (name?: string) => await each(context, name, 'test', (sink) => sendTest(context, sink)))
  command
    .command('setup')
    .description('Prepare the receivers that need it (index template and lifecycle of Elasticsearch)')
    .argument('[name]', 'one sink only')
    .action(async (name?: string) => await each(context, name, 'setup', setUp))
  command
    .command('move')
    .description('Give the queue of a renamed or removed sink to another one')
    .argument('<old>')
    .argument('<new>')
    .action(async (from: string, to: string) => await moveTo(context, from, to))
  command
    .command('discard')
    .description('Delete the queue of a removed sink; the findings themselves stay')
    .argument('<name>')
    .action(async (name: string) => await discard(context, name))
  return command
}

async function moveTo(context: DeliveryContext, from: string, to: string): Promise<void> {
  const sinks = await context.sinks()
  const moved = await withState(context, (db) => moveQueue(db, from, to, sinks, context.clock.now()))
  context.print(`${changed(moved)} of ${visibleCut(from, 64)} moved to ${to}; they are sent with the next run.`)
  tellBusy(context, moved)
}

async function discard(context: DeliveryContext, name: string): Promise<void> {
  const sinks = await context.sinks()
  const gone = await withState(context, (db) => discardQueue(db, name, sinks, context.clock.now()))
  context.print(`${changed(gone)} of ${visibleCut(name, 64)} discarded; the findings themselves stay.`)
  tellBusy(context, gone)
}

function changed({ findings, notices, deadLetters }: LeftQueueChange): string {
  return `${count(findings, 'finding')}, ${count(notices, 'notice')} and ${count(deadLetters, 'dead letter')}`
}

function tellBusy(context: DeliveryContext, { busy }: LeftQueueChange): void {
  if (busy === 0) return
  context.print(`${busy} stay: a process with the old configuration is sending them. Restart it, then repeat this.`)
}

async function list(context: DeliveryContext, json: boolean): Promise<void> {
  const sinks = await context.sinks()
  const now = context.clock.now()
  const types = Object.fromEntries(sinks.map(({ name, type }) => [name, { type }]))
  const states = await withState(context, (db) => new Map(sinkStatus(db, types).map((one) => [one.name, one])))
  const left = [...states.values()].filter(({ name }) => !(name in types)).map(leftRow)
  const active = sinks.map(({ name, type, settings }) => {
    const { failures, notBefore, reason, detail, ...state } = states.get(name)!
    return {
      name,
      type,
      route: settings.route.severity,
      state: breakerState({ failures, notBefore: notBefore ?? 0, reason }, now),
      waiting: state.pending,
      delivered: state.delivered,
      last_delivery: timeText(state.deliveredAt),
      dead_letters: state.deadLetters,
      last_error: detail === null ? '' : `${reason}: ${detail}`,
      next_try: notBefore !== null && notBefore > now ? timeText(notBefore) : '',
    }
  })
  const rows = [...active, ...left]
  if (json) return context.print(JSON.stringify(rows, null, 2))
  if (rows.length === 0) return context.print('No sink is configured. Add one under sinks: in the configuration.')
  const head = ['name', 'type', 'from', 'state', 'waiting', 'delivered', 'last delivery', 'dead']
  const cells = rows.map(
    ({ name, type, route, state, waiting, delivered, last_delivery, dead_letters, last_error }) => {
      const shown = state === 'removed' ? state : last_error === '' ? 'ok' : STATES[state]
      return [visibleCut(name, 64), visibleCut(type, 40), route, shown, waiting, delivered, last_delivery, dead_letters]
    },
  )
  context.print(plainTable(head, cells, 0))
  if (left.length > 0) context.print(`\n${leftAdvice(left.map(({ name }) => name))}`)
  for (const { name, last_error, next_try } of active) {
    if (last_error === '') continue
    const again = next_try === '' ? 'tried again with the next run' : `tried again after ${next_try}`
    context.print(`\n${name}: ${visibleCut(last_error, 500)}\n  ${again}`)
  }
}

/** A sink that is removed, renamed or disabled, and for which something waits. */
function leftRow({ name, pending, delivered, deliveredAt, deadLetters }: SinkStatus) {
  return {
    ...{ name, type: 'removed', route: '', state: 'removed' as const, waiting: pending, delivered },
    ...{ last_delivery: timeText(deliveredAt), dead_letters: deadLetters, last_error: '', next_try: '' },
  }
}

/** The state of the circuit breaker of a failing sink, in words. */
const STATES = { closed: 'failing', half_open: 'probing', open: 'down' } as const

type Act = (sink: ConfiguredSink, signal: AbortSignal) => Promise<string>

/** Runs an action on every sink, then fails if any sink failed. */
async function each(context: DeliveryContext, name: string | undefined, verb: string, act: Act): Promise<void> {
  const sinks = (await context.sinks()).filter((sink) => name === undefined || sink.name === name)
  if (sinks.length === 0) {
    throw new OddlineError('CONFIG_INVALID', `There is no sink ${name ?? 'configured'}. See oddline sinks list.`)
  }
  const failed: string[] = []
  for (const sink of sinks) {
    try {
      context.print(`${sink.name}: ${visibleCut(await act(sink, AbortSignal.timeout(sink.settings.timeout)), 1_000)}`)
    } catch (error) {
      failed.push(sink.name)
      context.print(`${sink.name}: FAILED ${visibleCut(messageOf(error), 1_000)}`)
    } finally {
      await sink.sink.close?.()
    }
  }
  if (failed.length > 0)
    throw new OddlineError('OUTPUT_FAILED', `${verb} failed for ${failed.join(', ')}. The reason is printed above.`)
}

async function check({ sink }: ConfiguredSink, signal: AbortSignal): Promise<string> {
  if (!sink.check) return 'cannot be checked without sending; use oddline sinks test'
  await sink.check(signal)
  return 'ok'
}

async function setUp({ sink }: ConfiguredSink, signal: AbortSignal): Promise<string> {
  if (!sink.setup) return 'needs no preparation'
  return (await sink.setup(signal)).join('; ')
}

async function sendTest(context: DeliveryContext, configured: ConfiguredSink, signal?: AbortSignal): Promise<string> {
  const now = context.clock.now()
  const limit = signal ?? AbortSignal.timeout(configured.settings.timeout)
  const outcome =
    configured.takes === 'notices'
      ? await configured.sink.notify(testNotice(now), limit)
      : await configured.sink.deliver([testFinding(now)], limit)
  if (outcome.kind === 'delivered') return 'a test finding was delivered'
  if (outcome.kind !== 'partial') throw new Error(`${outcome.reason}: ${outcome.detail}`)
  throw new Error(`${outcome.rejected[0]?.reason}: ${outcome.rejected[0]?.detail}`)
}
