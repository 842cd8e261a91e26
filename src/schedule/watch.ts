import { watch } from 'chokidar'

export interface WatchOptions {
  readonly dir: string
  /** A burst of changes is over when none came for so long, ms. */
  readonly settleMs: number
  /** While a file never stops growing, it is taken this often all the same, ms. */
  readonly maxWaitMs: number
  readonly onError: (error: unknown) => void
}

/** Calls `tick` when files under a directory have appeared or grown and then settled. The directory need not exist yet. */
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
