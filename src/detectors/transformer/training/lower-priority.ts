import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** About a third of the usual share of a processor that others want, too; an idle one is used in full. */
const YIELDING = 5
/** About a fourteenth: for a batch beside people and programs that wait for answers. */
export const YIELDING_TO_ANSWERS = 12

/**
 * Lets the calling thread, and those that it starts, yield to those that serve and deliver, and to the host's own work.
 * Linux has a priority for each thread; elsewhere, and where it is forbidden, nothing changes.
 */
export function lowerPriority(nice = YIELDING): void {
  try {
    const thread = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0])
    setPriority(thread, nice)
  } catch {
    // A training at the usual priority is right, too.
  }
}
