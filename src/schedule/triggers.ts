import { startCron } from './cron.ts'
import { startInterval } from './interval.ts'
import { Scheduler, type Trigger } from './scheduler.ts'
import { startWatch } from './watch.ts'

export interface TriggerSettings {
  readonly mode: 'once' | 'interval' | 'cron' | 'watch'
  readonly interval_seconds: number
  readonly cron: string
  readonly watch_settle_seconds: number
  /** Directory that is watched. */
  readonly dir: string
  /** When the last batch started, ms since the epoch; what was due since then is caught up. */
  readonly lastRunAt: number | undefined
}

export interface TriggerHooks {
  run(trigger: Trigger): Promise<void>
  onWatchError(error: unknown): void
}

export interface Triggers {
  readonly scheduler: Scheduler
  /** Nothing new is triggered; resolves when the run under way has ended. */
  stop(): Promise<void>
}

/** How long a watched file that never stops growing waits for its batch, ms. */
const WATCH_MAX_WAIT_MS = 60_000

/** Wires the sources of triggers of a mode to one scheduler. */
export function startTriggers(settings: TriggerSettings, hooks: TriggerHooks): Triggers {
  const scheduler = new Scheduler(hooks.run)
  const sources: { stop(): void | Promise<void> }[] = []
  const now = Date.now()
  if (settings.mode === 'cron') {
    sources.push(startCron(settings.cron, settings.lastRunAt, now, (why) => scheduler.trigger(why)))
  } else if (settings.mode !== 'once') {
    const everyMs = settings.interval_seconds * 1000
    sources.push(startInterval(everyMs, settings.lastRunAt, now, () => scheduler.trigger('interval')))
  }
  if (settings.mode === 'watch') {
    const watching = { dir: settings.dir, settleMs: settings.watch_settle_seconds * 1000, maxWaitMs: WATCH_MAX_WAIT_MS }
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
