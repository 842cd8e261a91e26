import { Command } from 'commander'
import { OddlineError } from '../../../core/errors.ts'
import { SilenceMatcher, Silences } from '../../../store/silences.ts'
import { plainTable } from '../table.ts'
import { type DeliveryContext, durationArgument, printable, timeText, withState } from '../upkeep/delivery-context.ts'

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
    'For a time, people are not told of what matches; records are kept',
  )
  command
    .command('add')
    .description('Silence incidents of a who, of a what, or of both')
    .option('--who <pattern>', 'address or user, with * and ?')
    .option('--what <pattern>', 'attack type or detector, with * and ?')
    .requiredOption('--for <time>', 'how long, such as 2h')
    .requiredOption('--reason <text>', 'why, for whoever comes next')
    .option('--author <name>', 'who says so')
    .action(async (options: AddOptions) => await add(context, options))
  command
    .command('list')
    .description('Silences in force')
    .option('--all', 'those that are over as well')
    .action(async (options: { all?: boolean }) => await list(context, options.all ?? false))
  command
    .command('expire')
    .description('End a silence now')
    .argument('<id>')
    .action(async (id: string) => await expire(context, id))
  return command
}

async function add(context: DeliveryContext, options: AddOptions): Promise<void> {
  const parsed = SilenceMatcher.safeParse({ who: options.who, what: options.what })
  if (!parsed.success)
    throw new OddlineError('CONFIG_INVALID', 'give --who or --what; to silence everything use mute: of the sink')
  const createdAt = context.clock.now()
  const expiresAt = createdAt + durationArgument(options.for)
  const author = options.author ?? context.user()
  const id = await withState(context, (db) =>
    new Silences(db).add({ matcher: parsed.data, reason: options.reason, author, createdAt, expiresAt }),
  )
  context.print(`silence ${id} until ${timeText(expiresAt)}`)
}

async function list(context: DeliveryContext, all: boolean): Promise<void> {
  const silences = await withState(context, (db) => new Silences(db).list(all ? 0 : context.clock.now()))
  if (silences.length === 0) return context.print('No silences.')
  const rows = silences.map(({ id, matcher: { who = '*', what = '*' }, expiresAt, author, reason }) => {
    return [
      id,
      printable(who, 60),
      printable(what, 40),
      timeText(expiresAt),
      printable(author, 40),
      printable(reason, 80),
    ]
  })
  context.print(plainTable(['id', 'who', 'what', 'until', 'author', 'reason'], rows, 5))
}

async function expire(context: DeliveryContext, id: string): Promise<void> {
  const ended = await withState(context, (db) => new Silences(db).expire(Number(id), context.clock.now()))
  if (!ended)
    throw new OddlineError('CONFIG_INVALID', `no silence ${printable(id, 40)} is in force; see oddline silences list`)
  context.print(`silence ${id} is over`)
}
