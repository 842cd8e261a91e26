/** Commands that hold something open for a while. The default action of a signal ends all others at once. */
const STOPPABLE: ReadonlySet<string | undefined> = new Set(['run', 'demo', 'serve', 'mcp', 'train'])
/** npm and terminals pass a signal on to a process that already has it. That is one request, not two. */
const SAME_REQUEST_MS = 1_000

/**
 * SIGINT and SIGTERM as an `AbortSignal` for the command of this name. The first one aborts it, with the name as its
 * reason. A later one ends the process at once; nothing committed is lost.
 */
export function stopSignal(command: string | undefined): AbortSignal {
  const stop = new AbortController()
  if (!STOPPABLE.has(command)) return stop.signal
  const onSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) return
    setTimeout(restoreDefault, SAME_REQUEST_MS).unref()
    stop.abort(name)
  }
  const restoreDefault = () => {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return stop.signal
}

/** Resolves when `stop` has aborted. */
export function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
}
