import { watch } from 'chokidar'

export interface WatchOptions {
  readonly dir: string
  /** A burst of changes ends when no change came for this long, ms. */
  readonly settleMs: number
  /** Longest time between ticks while a file keeps growing, ms. */
  readonly maxWaitMs: number
  readonly onError: (error: unknown) => void
}

/** Calls `tick` when files in a directory have appeared or grown and then settled. The directory may appear later. */
export function startWatch(options: WatchOptions, tick: () => void): { ready: Promise<void>; stop(): Promise<void> } {
  const watcher = watch(options.dir, { ignoreInitial: true, ignorePermissionErrors: true, alwaysStat: false })
  let settle: NodeJS.Timeout | undefined
  let deadline: NodeJS.Timeout | undefined
  const fire = () => {
    clearTimeout(settle)
    clearTimeout(deadline)
    settle = undefined
    deadline = undefined
    tick()
  }
  watcher.on('all', (event) => {
    if (event !== 'add' && event !== 'change') return
    clearTimeout(settle)
    settle = setTimeout(fire, options.settleMs)
    deadline ??= setTimeout(fire, options.maxWaitMs)
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
