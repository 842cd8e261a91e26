import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** About a third of the usual share of a processor that others want, too; an idle one is used in full. */
const NICE = 5

/**
 * Lets the calling thread yield to those that serve and deliver, and to the host's own work. Linux has a priority for
 * each thread; elsewhere, and where it is forbidden, nothing changes.
 */
export function lowerPriority(): void {
  try {
    const thread = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0])
    setPriority(thread, NICE)
  } catch {
    // A training at the usual priority is right, too.
  }
}
