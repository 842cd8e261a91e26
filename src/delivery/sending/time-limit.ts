import { messageOf } from '../../core/errors.ts'
import { bounded } from '../sink/classify.ts'
import type { Retry } from '../sink/sink.ts'

/** Extra time for a sink to return after its signal has aborted. */
const GRACE_MS = 1_000

/**
 * Sends within a time limit. A sink that throws, or that ignores the abort signal, becomes a `retry` outcome, so a
 * broken sink cannot block its queue.
 */
export async function sendWithin<Outcome>(
  timeoutMs: number,
  stop: AbortSignal,
  send: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome | Retry> {
  // Not AbortSignal.any: the collector may take such a signal while only a listener holds it, and nobody is told.
  const limit = new AbortController()
  const { signal } = limit
  const onStop = () => limit.abort(stop.reason)
  const timer = setTimeout(
    () => limit.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
    timeoutMs,
  )
  if (stop.aborted) onStop()
  else stop.addEventListener('abort', onStop, { once: true })
  let graceTimer: NodeJS.Timeout | undefined
  const unresponsive = new Promise<Retry>((resolve) => {
    const onAbort = () => {
      const outcome: Retry = { kind: 'retry', reason: 'timeout', detail: `no answer within ${timeoutMs} ms` }
      graceTimer = setTimeout(() => resolve(outcome), GRACE_MS)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([send(signal), unresponsive])
  } catch (error) {
    return { kind: 'retry', reason: 'unexpected', detail: bounded(messageOf(error)) }
  } finally {
    clearTimeout(timer)
    clearTimeout(graceTimer)
    stop.removeEventListener('abort', onStop)
  }
}
