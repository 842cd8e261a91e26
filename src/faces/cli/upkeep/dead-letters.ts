import { Command, Option } from 'commander'
import { discardDeadLetters, replayDeadLetters } from '../../../control/dead-letters.ts'
import { DEAD_REASONS, type DeadLetter, type DeadReason } from '../../../core/documents/dead-letter.ts'
import { OddlineError } from '../../../core/errors.ts'
import { deadLetterById, listDeadLetters } from '../../../queries/dead-letters.ts'
import type { State } from '../../../queries/state.ts'
import { visibleCut } from '../../visible.ts'
import { plainTable } from '../table.ts'
import { count, wrap } from '../text.ts'
import { type DeliveryContext, idArgument, timeText, withState } from './delivery-context.ts'

const LIST = 'oddline dead-letters list'

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
  const reason = () => new Option('--reason <reason>', 'only this reason').choices(DEAD_REASONS)
  command
    .command('list')
    .description('Newest first')
    .option('--sink <name>', 'only of this sink')
    .addOption(reason())
    .option('--limit <n>', 'at most this many', '100')
    .option('--json', 'print JSON')
    .action(async (options: Selection) => await withState(context, (db) => list(context, db, options)))
  command
    .command('show')
    .description('One dead letter with its finding')
    .argument('<id>')
    .action(async (id: string) => await withState(context, (db) => show(context, db, idOf(id))))
  for (const verb of ['replay', 'discard'] as const) {
    command
      .command(verb)
      .description(verb === 'replay' ? 'Put them back into their queues' : 'Delete them; the findings themselves stay')
      .argument('[ids...]')
      .option('--sink <name>', 'all of this sink')
      .addOption(reason())
      .option('--all', 'all there are')
      .action(async (ids: string[], options: Selection) => {
        const { sink, reason, all } = options
        const selection = { sink, reason, all, ids: ids.length > 0 ? ids.map(idOf) : undefined }
        const done = await withState(context, (db) =>
          verb === 'replay' ? replayDeadLetters(db, selection, context.clock.now()) : discardDeadLetters(db, selection),
        )
        if (done === 0) throw new OddlineError('CONFIG_INVALID', `No dead letter matches. See ${LIST}.`)
        const what = verb === 'replay' ? 'back in the queue, to go out at once or with the next run' : 'discarded'
        context.print(`${count(done, 'dead letter')} ${what}`)
      })
  }
  return command
}

function list(context: DeliveryContext, db: State, options: Selection): void {
  const rows = listDeadLetters(db, { sink: options.sink, reason: options.reason }, idOf(options.limit ?? '100'))
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

/** What receivers said, each answer once: thousands of letters often have the same reason. */
function saidOf(rows: readonly DeadLetter[]): string[] {
  const ids = new Map<string, number[]>()
  for (const { id, sink, detail } of rows) {
    const said = `${sink}: ${visibleCut(detail, 500)}`
    ids.set(said, [...(ids.get(said) ?? []), id])
  }
  return [...ids].map(([said, of]) => `\n${wrap(said, '')}\n    ${count(of.length, 'letter')}, the latest ${of[0]}`)
}

function show(context: DeliveryContext, db: State, id: number): void {
  const shown = deadLetterById(db, id)
  if (!shown) throw new OddlineError('CONFIG_INVALID', `There is no dead letter ${id}. See ${LIST}.`)
  context.print(JSON.stringify(shown, null, 2))
}

function idOf(text: string): number {
  return idArgument(text, LIST)
}
