import { createTask, type ScheduledTask } from 'node-cron'
import { ClockJumps, type SteadyClock, systemClock } from '../core/clock.ts'

const MINUTE_MS = 60_000
/** A downtime of more steps than this counts as a missed run without a search. */
const MAX_STEPS = 50_000
/** How often to look whether the clock was set: a task waits for its next time as the clock was before. */
const LOOK_MS = 5_000

/**
 * Calls `tick` at the times of a cron expression, in local time. If a time passed since the last run, it also calls
 * `tick` at the start; and also when the clock is set forward beyond one.
 */
export function startCron(
  expression: string,
  lastRunAt: number | undefined,
  tick: (why: 'cron' | 'catch-up') => void,
  clock: SteadyClock = systemClock,
): { stop(): Promise<void> } {
  const start = () => {
    const task = createTask(expression, () => tick('cron'), { suppressMissedWarning: true })
    task.on('execution:missed', () => tick('catch-up'))
    void task.start()
    return task
  }
  const jumps = new ClockJumps(clock)
  let task = start()
  const catchUp = (since: number) => {
    if (missedRun(task, expression, since, clock.now())) tick('catch-up')
  }
  if (lastRunAt !== undefined) catchUp(lastRunAt)
  const looking = setInterval(() => {
    const jump = jumps.take()
    if (jump === 0) return
    void task.destroy()
    task = start()
    if (jump > 0) catchUp(clock.now() - jump)
  }, LOOK_MS)
  return {
    async stop() {
      clearInterval(looking)
      await task.destroy()
    },
  }
}

function missedRun(task: ScheduledTask, expression: string, lastRunAt: number, now: number): boolean {
  const hasSeconds = expression.trim().split(/\s+/).length > 5
  const step = hasSeconds ? 1000 : MINUTE_MS
  if ((now - lastRunAt) / step > MAX_STEPS) return true
  for (let at = Math.floor(now / step) * step; at > lastRunAt; at -= step) {
    if (task.match(new Date(at))) return true
  }
  return false
}
