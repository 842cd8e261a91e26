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
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)])
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
    clearTimeout(graceTimer)
  }
}
