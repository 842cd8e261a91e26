import { createTask, type ScheduledTask } from 'node-cron'
import { type Clock, systemClock } from '../core/clock.ts'

const MINUTE_MS = 60_000
/** A downtime of more steps than this counts as a missed run without a search. */
const MAX_STEPS = 50_000

/**
 * Calls `tick` at the times of a cron expression, in local time. If a time passed since the last run, it also calls
 * `tick` at the start.
 */
export function startCron(
  expression: string,
  lastRunAt: number | undefined,
  tick: (why: 'cron' | 'catch-up') => void,
  clock: Clock = systemClock,
): { stop(): Promise<void> } {
  const task = createTask(expression, () => tick('cron'), { suppressMissedWarning: true })
  task.on('execution:missed', () => tick('catch-up'))
  if (lastRunAt !== undefined && missedRun(task, expression, lastRunAt, clock.now())) tick('catch-up')
  void task.start()
  return {
    async stop() {
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
