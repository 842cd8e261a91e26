import { type Clock, systemClock } from '../core/clock.ts'

/** Longest delay of a Node timer. A longer one would fire at once. */
const MAX_TIMEOUT_MS = 2_147_483_647

/**
 * Calls `tick` every `everyMs`. It counts from the start of the last run, so a restart neither repeats nor delays a run:
 * if one became due during downtime, `tick` is called at once.
 */
export function startInterval(
  everyMs: number,
  lastRunAt: number | undefined,
  tick: () => void,
  clock: Clock = systemClock,
): { stop(): void } {
  let timer: NodeJS.Timeout
  const start = clock.now()
  let due = lastRunAt === undefined ? start : Math.max(start, Math.min(lastRunAt, start) + everyMs)
  const schedule = (now: number) => {
    timer = setTimeout(fire, Math.min(due - now, MAX_TIMEOUT_MS))
  }
  const fire = () => {
    const now = clock.now()
    if (now >= due) {
      tick()
      due = Math.max(due + everyMs, now)
    }
    schedule(now)
  }
  schedule(start)
  return { stop: () => clearTimeout(timer) }
}
