import { watch } from 'chokidar'

export interface WatchOptions {
  readonly dir: string
  /** A burst of changes ends when no change came for this long, ms. */
  readonly settleMs: number
  /** Longest time between ticks while a file keeps growing, ms. */
  readonly maxWaitMs: number
  /** Shortest time between two ticks, ms: changes that come sooner share the second one. */
  readonly minIntervalMs: number
  readonly onError: (error: unknown) => void
}

/**
 * Calls `tick` when files in a directory have appeared or grown and then settled, and every `maxWaitMs` while they keep
 * growing. The directory may appear later.
 */
export function startWatch(options: WatchOptions, tick: () => void): { ready: Promise<void>; stop(): Promise<void> } {
  const watcher = watch(options.dir, { ignoreInitial: true, ignorePermissionErrors: true, alwaysStat: false })
  let settle: NodeJS.Timeout | undefined
  let deadline: NodeJS.Timeout | undefined
  let earliest = 0
  const fire = () => {
    clearTimeout(settle)
    clearTimeout(deadline)
    settle = undefined
    deadline = undefined
    earliest = performance.now() + options.minIntervalMs
    tick()
  }
  watcher.on('all', (event) => {
    if (event !== 'add' && event !== 'change') return
    clearTimeout(settle)
    const soonest = earliest - performance.now()
    settle = setTimeout(fire, Math.max(options.settleMs, soonest))
    deadline ??= setTimeout(fire, Math.max(options.maxWaitMs, soonest))
  })
  watcher.on('error', options.onError)
  return {
    ready: new Promise((resolve) => watcher.on('ready', () => resolve())),
    async stop() {
      clearTimeout(settle)
      clearTimeout(deadline)
      await watcher.close()
    },
  }
}
