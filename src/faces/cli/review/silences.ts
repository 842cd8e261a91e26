import { Command } from 'commander'
import { addSilence, endSilence } from '../../../control/silences.ts'
import { listSilences } from '../../../queries/silences.ts'
import { visibleCut } from '../../visible.ts'
import { plainTable } from '../table.ts'
import { type DeliveryContext, durationArgument, idArgument, timeText, withState } from '../upkeep/delivery-context.ts'

interface AddOptions {
  who?: string
  what?: string
  for: string
  reason: string
  author?: string
}

/** `oddline silences add | list | expire`. */
export function silencesCommand(context: DeliveryContext): Command {
  const command = new Command('silences').description(
    'Keep people from being told of matching incidents for a time; findings are still recorded',
  )
  command
    .command('add')
    .description('Silence incidents of an actor, of an attack type, or of both')
    .option('--who <pattern>', 'address or user, with * and ?')
    .option('--what <pattern>', 'attack type or detector, with * and ?')
    .requiredOption('--for <time>', 'how long, such as 2h')
    .requiredOption('--reason <text>', 'why, for the next person who reads it')
    .option('--author <name>', 'your name (default: the user)')
    .action(async (options: AddOptions) => await add(context, options))
  command
    .command('list')
    .description('Silences in force')
    .option('--all', 'also those that have ended')
    .action(async (options: { all?: boolean }) => await list(context, options.all ?? false))
  command
    .command('expire')
    .description('End a silence now')
    .argument('<id>')
    .action(async (id: string) => await expire(context, id))
  return command
}

async function add(context: DeliveryContext, options: AddOptions): Promise<void> {
  const { who, what, reason, author = context.user() } = options
  const silence = { who, what, reason, author, forMs: durationArgument(options.for) }
  const { id, until } = await withState(context, (db) => addSilence(db, silence, context.clock.now()))
  context.print(`Silence ${id} holds until ${timeText(until)}.`)
}

async function list(context: DeliveryContext, all: boolean): Promise<void> {
  const silences = await withState(context, (db) => listSilences(db, context.clock.now(), all))
  if (silences.length === 0) return context.print('No silences.')
  const rows = silences.map(({ id, matcher: { who = '*', what = '*' }, expiresAt, author, reason }) => {
    return [
      id,
      visibleCut(who, 60),
      visibleCut(what, 40),
      timeText(expiresAt),
      visibleCut(author, 40),
      visibleCut(reason, 80),
    ]
  })
  context.print(plainTable(['id', 'who', 'what', 'until', 'author', 'reason'], rows, 5))
}

async function expire(context: DeliveryContext, id: string): Promise<void> {
  await withState(context, (db) => endSilence(db, idArgument(id, 'oddline silences list'), context.clock.now()))
  context.print(`Silence ${id} is over.`)
}
