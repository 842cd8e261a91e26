import type { DeadLetterFilter } from '../core/documents/dead-letter.ts'
import { OddlineError } from '../core/errors.ts'
import type { State } from '../queries/state.ts'
import { DeadLetters } from '../store/delivery/dead-letters.ts'

/** Selects dead letters. `all` must be set to select every one: an empty selection is more likely a mistake. */
export interface DeadLetterSelection extends DeadLetterFilter {
  readonly all?: boolean
}

/**
 * Puts dead letters back into their queues, to be sent at once or with the next run.
 * @returns how many; none or all are replayed if the process is killed
 * @throws OddlineError CONFIG_INVALID where nothing is selected
 */
export function replayDeadLetters(db: State, selection: DeadLetterSelection, now: number): number {
  return new DeadLetters(db).replay(filterOf(selection, 'replay'), now)
}

/** Deletes dead letters; the findings themselves stay. @throws as `replayDeadLetters` */
export function discardDeadLetters(db: State, selection: DeadLetterSelection): number {
  return new DeadLetters(db).discard(filterOf(selection, 'discard'))
}

function filterOf({ all = false, ids, sink, reason }: DeadLetterSelection, verb: string): DeadLetterFilter {
  if (!all && ids === undefined && sink === undefined && reason === undefined) {
    throw new OddlineError('CONFIG_INVALID', `Say what to ${verb}: ids, a sink, a reason, or all.`)
  }
  return { ids, sink, reason }
}
