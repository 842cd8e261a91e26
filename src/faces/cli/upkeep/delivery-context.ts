import type { Clock } from '../../../core/clock.ts'
import { OddlineError } from '../../../core/errors.ts'
import type { ConfiguredSink } from '../../../delivery/routing/configure.ts'
import { parseDuration } from '../../../delivery/routing/duration.ts'
import type { State } from '../../../queries/state.ts'
import { visibleCut } from '../../visible.ts'

/** What the commands on the state need from the program. */
export interface DeliveryContext {
  readonly clock: Clock
  /** Opens the state database; the command closes it. */
  readonly openState: () => State
  readonly sinks: () => Promise<readonly ConfiguredSink[]>
  readonly print: (line: string) => void
  /** The user, as author of verdicts and silences. */
  readonly user: () => string
}

export async function withState<T>(context: DeliveryContext, use: (db: State) => T | Promise<T>): Promise<T> {
  const db = context.openState()
  try {
    return await use(db)
  } finally {
    db.close()
  }
}

/** A length of time given on the command line, in ms. */
export function durationArgument(text: string): number {
  try {
    return parseDuration(text)
  } catch {
    throw new OddlineError('CONFIG_INVALID', `${visibleCut(text, 40)} is not a length of time. Write 30m, 4h or 3d.`)
  }
}

/** The id of an item that `command` lists. */
export function idArgument(text: string, command: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new OddlineError('CONFIG_INVALID', `${visibleCut(text, 40)} is not a number. See ${command}.`)
}

export function timeText(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
