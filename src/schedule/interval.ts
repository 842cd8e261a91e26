import { type SteadyClock, systemClock } from '../core/clock.ts'

/** Longest delay of a Node timer. A longer one would fire at once. */
const MAX_TIMEOUT_MS = 2_147_483_647

/**
 * Calls `tick` every `everyMs`. It counts from the start of the last run, so a restart neither repeats nor delays a run:
 * if one became due during downtime, `tick` is called at once. From then on the wall clock does not matter.
 */
export function startInterval(
  everyMs: number,
  lastRunAt: number | undefined,
  tick: () => void,
  clock: SteadyClock = systemClock,
): { stop(): void } {
  let timer: NodeJS.Timeout
  const start = clock.monotonic()
  const sinceLast = lastRunAt === undefined ? everyMs : Math.max(0, clock.now() - lastRunAt)
  let due = start + Math.max(0, everyMs - sinceLast)
  const schedule = (now: number) => {
    timer = setTimeout(fire, Math.min(due - now, MAX_TIMEOUT_MS))
  }
  const fire = () => {
    const now = clock.monotonic()
    if (now >= due) {
      tick()
      due = Math.max(due + everyMs, now)
    }
    schedule(now)
  }
  schedule(start)
  return { stop: () => clearTimeout(timer) }
}
