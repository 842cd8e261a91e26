import { createTask, type ScheduledTask } from 'node-cron'

const MINUTE = 60_000
/** Further back than so many steps, some run was surely missed. */
const MAX_STEPS = 50_000

/** Calls `tick` at each time of a cron expression (local time), and once at the start if a time was missed since the last run. */
export function startCron(
  expression: string,
  lastRunAt: number | undefined,
  now: number,
  tick: (why: 'cron' | 'catch-up') => void,
): { stop(): Promise<void> } {
  const task = createTask(expression, () => tick('cron'), { suppressMissedWarning: true })
  task.on('execution:missed', () => tick('catch-up'))
  if (lastRunAt !== undefined && missed(task, expression, lastRunAt, now)) tick('catch-up')
  void task.start()
  return {
    async stop() {
      await task.destroy()
    },
  }
}

function missed(task: ScheduledTask, expression: string, lastRunAt: number, now: number): boolean {
  const step = expression.trim().split(/\s+/).length > 5 ? 1000 : MINUTE
  if ((now - lastRunAt) / step > MAX_STEPS) return true
  for (let at = Math.floor(now / step) * step; at > lastRunAt; at -= step) {
    if (task.match(new Date(at))) return true
  }
  return false
}
