import type { Clock } from '../../../core/clock.ts'
import { OddlineError } from '../../../core/errors.ts'
import type { ConfiguredSink } from '../../../delivery/routing/configure.ts'
import { parseDuration } from '../../../delivery/routing/duration.ts'
import type { Database } from '../../../store/database.ts'

/** What the commands about delivery need of the program. */
export interface DeliveryContext {
  readonly clock: Clock
  /** Opens the state database; the command closes it. */
  readonly openState: () => Database
  readonly sinks: () => Promise<readonly ConfiguredSink[]>
  readonly print: (line: string) => void
  /** Who is asking, for the author of a silence. */
  readonly user: () => string
}

export async function withState<T>(context: DeliveryContext, use: (db: Database) => T | Promise<T>): Promise<T> {
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
    throw new OddlineError('CONFIG_INVALID', `${printable(text, 40)} is no length of time; write 30m, 4h or 3d`)
  }
}

/** Text from a log or a receiver, safe for a terminal: no control characters, bounded. */
export function printable(text: string, limit = 200): string {
  const clean = text
    .slice(0, limit + 1)
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean
}

export function timeText(time: number | null): string {
  return time === null ? 'never' : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
