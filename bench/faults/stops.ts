import { fileURLToPath } from 'node:url'
import { STOPPABLE_MODES, stopAtMoments } from '../../test/support/stops.ts'

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url))

/** Stops each of these ways to start the program at so many moments of its start. */
export async function stopStarts(
  moments: number,
  modes = Object.keys(STOPPABLE_MODES),
): Promise<{ stops: number; failed: number; slowestMs: number }> {
  const total = { stops: 0, failed: 0, slowestMs: 0 }
  for (const mode of modes) {
    const { stops, failures, slowestMs } = await stopAtMoments(MAIN, mode, moments)
    for (const failure of failures) process.stderr.write(`${failure}\n`)
    total.stops += stops
    total.failed += failures.length
    total.slowestMs = Math.max(total.slowestMs, slowestMs)
  }
  return total
}
