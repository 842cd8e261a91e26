import { Command, Option } from 'commander'
import { FAILURE_REASONS } from '../../../core/documents/failure.ts'
import { OddlineError } from '../../../core/errors.ts'
import { type DeadLetter, type DeadLetterFilter, DeadLetters } from '../../../store/dead-letters.ts'
import type { DeadReason } from '../../../store/queue.ts'
import { plainTable } from '../table.ts'
import { count, wrap } from '../text.ts'
import { type DeliveryContext, printable, timeText, withState } from './delivery-context.ts'

interface Selection {
  sink?: string
  reason?: DeadReason
  all?: boolean
  json?: boolean
  limit?: string
}

/** `oddline dead-letters list | show | replay | discard`. */
export function deadLettersCommand(context: DeliveryContext): Command {
  const command = new Command('dead-letters').description('What could not be delivered, and why')
  const reason = () => new Option('--reason <reason>', 'only this reason').choices([...FAILURE_REASONS, 'overflow'])
  command
    .command('list')
    .description('Newest first')
    .option('--sink <name>', 'only of this sink')
    .addOption(reason())
    .option('--limit <n>', 'at most this many', '100')
    .option('--json', 'print JSON')
    .action(async (options: Selection) => await withState(context, (db) => list(context, new DeadLetters(db), options)))
  command
    .command('show')
    .description('One dead letter with its finding')
    .argument('<id>')
    .action(async (id: string) => await withState(context, (db) => show(context, new DeadLetters(db), idOf(id))))
  for (const verb of ['replay', 'discard'] as const) {
    command
      .command(verb)
      .description(verb === 'replay' ? 'Put them back into their queues' : 'Delete them; the findings themselves stay')
      .argument('[ids...]')
      .option('--sink <name>', 'all of this sink')
      .addOption(reason())
      .option('--all', 'all there are')
      .action(async (ids: string[], options: Selection) => {
        const filter = selected(ids, options, verb)
        const done = await withState(context, (db) => {
          const letters = new DeadLetters(db)
          return verb === 'replay' ? letters.replay(filter, context.clock.now()) : letters.discard(filter)
        })
        if (done === 0) throw new OddlineError('CONFIG_INVALID', 'no dead letter fits; see oddline dead-letters list')
        const what = verb === 'replay' ? 'back in the queue, to go out at once or with the next run' : 'discarded'
        context.print(`${count(done, 'dead letter')} ${what}`)
      })
  }
  return command
}

function list(context: DeliveryContext, letters: DeadLetters, options: Selection): void {
  const rows = letters.list({ sink: options.sink, reason: options.reason }, idOf(options.limit ?? '100'))
  context.print(options.json ? JSON.stringify(rows, null, 2) : tableOf(rows))
}

function tableOf(rows: readonly DeadLetter[]): string {
  if (rows.length === 0) return 'No dead letters.'
  const cells = rows.map(({ id, sink, seq, incident, reason, attempts, diedAt }) => {
    const about = seq === null ? `incident ${incident?.slice(0, 12)}` : `finding ${seq}`
    return [id, sink, about, reason, attempts, timeText(diedAt)]
  })
  return [plainTable(['id', 'sink', 'about', 'reason', 'tries', 'died'], cells, 1), ...saidOf(rows)].join('\n')
}

/** What receivers said, each thing once: thousands of letters tend to have died of one. */
function saidOf(rows: readonly DeadLetter[]): string[] {
  const ids = new Map<string, number[]>()
  for (const { id, sink, detail } of rows) {
    const said = `${sink}: ${printable(detail, 500)}`
    ids.set(said, [...(ids.get(said) ?? []), id])
  }
  return [...ids].map(([said, of]) => `\n${wrap(said, '')}\n    ${count(of.length, 'letter')}, the latest ${of[0]}`)
}

function show(context: DeliveryContext, letters: DeadLetters, id: number): void {
  const shown = letters.show(id)
  if (!shown) throw new OddlineError('CONFIG_INVALID', `there is no dead letter ${id}; see oddline dead-letters list`)
  context.print(JSON.stringify(shown, null, 2))
}

/** Nothing selected is an error rather than everything. */
function selected(ids: readonly string[], { sink, reason, all }: Selection, verb: string): DeadLetterFilter {
  if (ids.length === 0 && sink === undefined && reason === undefined && !all) {
    throw new OddlineError('CONFIG_INVALID', `say what to ${verb}: ids, --sink, --reason or --all`)
  }
  return { sink, reason, ...(ids.length > 0 ? { ids: ids.map(idOf) } : {}) }
}

function idOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new OddlineError('CONFIG_INVALID', `${printable(text, 40)} is no number; see oddline dead-letters list`)
}
