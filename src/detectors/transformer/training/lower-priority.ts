import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Nice value for training: about a third of the usual share of a busy processor. An idle processor is used fully. */
const YIELDING = 5
/** Nice value for work beside requests that wait for answers: about a fourteenth of the usual share. */
export const YIELDING_TO_ANSWERS = 12

/**
 * Lowers the priority of the calling thread and of the threads that it starts later. Works on Linux, which has a priority
 * per thread; elsewhere, or without permission, it does nothing.
 */
export function lowerPriority(nice = YIELDING): void {
  try {
    const thread = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0])
    setPriority(thread, nice)
  } catch {
    // The normal priority is acceptable.
  }
}
