import { startCron } from './cron.ts'
import { startInterval } from './interval.ts'
import { Scheduler, type Trigger } from './scheduler.ts'
import { startWatch } from './watch.ts'

export interface TriggerSettings {
  readonly mode: 'once' | 'interval' | 'cron' | 'watch'
  readonly interval_seconds: number
  readonly cron: string
  readonly watch_settle_seconds: number
  readonly watch_max_wait_seconds: number
  readonly watch_min_interval_seconds: number
  /** Directory to watch. */
  readonly dir: string
  /** Start of the last batch, ms since the epoch. A run that was due since then starts at once. */
  readonly lastRunAt: number | undefined
}

export interface TriggerHooks {
  run(trigger: Trigger): Promise<void>
  onWatchError(error: unknown): void
}

export interface Triggers {
  readonly scheduler: Scheduler
  /** Stops all triggers. Resolves when the current run has ended. */
  stop(): Promise<void>
}

/** Starts the triggers of a mode and connects them to one scheduler. */
export function startTriggers(settings: TriggerSettings, hooks: TriggerHooks): Triggers {
  const scheduler = new Scheduler(hooks.run)
  const sources: { stop(): void | Promise<void> }[] = []
  if (settings.mode === 'cron') {
    sources.push(startCron(settings.cron, settings.lastRunAt, (why) => scheduler.trigger(why)))
  } else if (settings.mode !== 'once') {
    const everyMs = settings.interval_seconds * 1000
    sources.push(startInterval(everyMs, settings.lastRunAt, () => scheduler.trigger('interval')))
  }
  if (settings.mode === 'watch') {
    const watching = {
      dir: settings.dir,
      settleMs: settings.watch_settle_seconds * 1000,
      maxWaitMs: settings.watch_max_wait_seconds * 1000,
      minIntervalMs: settings.watch_min_interval_seconds * 1000,
    }
    sources.push(startWatch({ ...watching, onError: hooks.onWatchError }, () => scheduler.trigger('watch')))
    scheduler.trigger('start')
  }
  return {
    scheduler,
    async stop() {
      for (const source of sources) await source.stop()
      await scheduler.stop()
    },
  }
}
