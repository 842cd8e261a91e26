import { OddlineError } from '../core/errors.ts'
import type { State } from '../queries/state.ts'
import { discardLeftQueue, type LeftQueueChange, leftQueue, moveLeftQueue } from '../store/delivery/left-queue.ts'

export type { LeftQueueChange }

/** A sink that delivers, as an order about queues knows it. */
interface ActiveSink {
  readonly name: string
  readonly takes: 'findings' | 'notices'
}

/**
 * Gives what waits for a removed or renamed sink to another one, which sends it with the next run.
 * @throws OddlineError CONFIG_INVALID where the first sink still delivers, or the second one cannot take it
 */
export function moveQueue(
  db: State,
  from: string,
  to: string,
  active: readonly ActiveSink[],
  now: number,
): LeftQueueChange {
  refuseActive(from, active, 'move')
  const target = active.find(({ name }) => name === to)
  if (!target)
    throw new OddlineError('CONFIG_INVALID', `There is no sink ${to} that could send it. See oddline sinks list.`)
  const waiting = leftQueue(db, from)
  const other = target.takes === 'notices' ? waiting.findings : waiting.notices
  if (other > 0) {
    const [takes, waits] = target.takes === 'notices' ? ['notices', 'findings'] : ['findings', 'notices']
    throw new OddlineError('CONFIG_INVALID', `${to} takes ${takes} and ${waits} wait for ${from}. Name another sink.`)
  }
  return moveLeftQueue(db, from, to, now)
}

/**
 * Deletes what waits for a removed sink; the findings themselves stay.
 * @throws OddlineError CONFIG_INVALID where the sink still delivers
 */
export function discardQueue(db: State, sink: string, active: readonly ActiveSink[], now: number): LeftQueueChange {
  refuseActive(sink, active, 'discard')
  return discardLeftQueue(db, sink, now)
}

function refuseActive(sink: string, active: readonly ActiveSink[], verb: string): void {
  if (!active.some(({ name }) => name === sink)) return
  throw new OddlineError(
    'CONFIG_INVALID',
    `${sink} is configured and sends its queue itself. Remove it from the configuration to ${verb} the queue.`,
  )
}
