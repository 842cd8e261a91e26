import { bounded, type FailureReason, type HttpResponse, parseRetryAfter, reasonOfStatus } from '#sink'

/** What HEC said. `accepted` carries the id to ask acknowledgement for, and whether the collector is near its capacity. */
export type HecAnswer =
  | { readonly kind: 'accepted'; readonly ackId?: number; readonly slowDown: boolean }
  | { readonly kind: 'retry'; readonly reason: FailureReason; readonly detail: string; readonly afterMs?: number }
  /** The event at `index` is bad; those before it were taken. */
  | { readonly kind: 'bad_event'; readonly index: number; readonly detail: string }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly detail: string }

type Meaning = 'accepted' | 'slow' | 'bad_event' | FailureReason

/** Every code of the HTTP Event Collector (Splunk Enterprise 9, "Troubleshoot HTTP Event Collector"). */
const MEANING: Readonly<Record<number, Meaning>> = {
  0: 'accepted',
  1: 'unauthorized',
  2: 'unauthorized',
  3: 'unauthorized',
  4: 'unauthorized',
  5: 'invalid_event',
  6: 'bad_event',
  7: 'misconfigured',
  8: 'server_error',
  9: 'server_error',
  10: 'misconfigured',
  11: 'misconfigured',
  12: 'bad_event',
  13: 'bad_event',
  14: 'misconfigured',
  15: 'bad_event',
  16: 'misconfigured',
  17: 'accepted',
  18: 'server_error',
  19: 'server_error',
  20: 'server_error',
  21: 'unauthorized',
  22: 'unauthorized',
  23: 'server_error',
  24: 'slow',
  25: 'slow',
  26: 'rate_limited',
  27: 'rate_limited',
}

export const ACK_DISABLED = 14

interface HecBody {
  readonly text?: unknown
  readonly code?: unknown
  readonly ackId?: unknown
  readonly 'invalid-event-number'?: unknown
}

export function classify(response: HttpResponse, now: number): HecAnswer {
  const { status } = response
  const body = bodyOf(response.body)
  const code = typeof body?.code === 'number' ? body.code : undefined
  const detail =
    code === undefined ? `HTTP ${status} ${bounded(response.body, 200)}` : `code ${code}: ${bounded(body?.text, 200)}`
  const meaning = code === undefined ? undefined : MEANING[code]
  if (status >= 200 && status < 300) {
    if (meaning !== 'accepted' && meaning !== 'slow') {
      return { kind: 'retry', reason: 'unexpected', detail: `not a collector's answer: ${detail}` }
    }
    const ackId = typeof body?.ackId === 'number' ? body.ackId : undefined
    return { kind: 'accepted', ackId, slowDown: meaning === 'slow' }
  }
  const afterMs = parseRetryAfter(response.headers.get('retry-after'), now)
  switch (meaning) {
    case 'bad_event': {
      const index = body?.['invalid-event-number']
      if (typeof index === 'number' && index >= 0) return { kind: 'bad_event', index, detail }
      return { kind: 'rejected', reason: 'invalid_event', detail }
    }
    case 'invalid_event':
      return { kind: 'rejected', reason: 'invalid_event', detail }
    case 'accepted':
    case 'slow':
      return { kind: 'retry', reason: 'unexpected', detail: `HTTP ${status} with ${detail}`, afterMs }
    case undefined: {
      const reason = reasonOfStatus(status)
      if (reason === 'too_large') return { kind: 'rejected', reason, detail }
      // A refusal in words that are not the collector's comes from something in between, so the events are not to blame.
      return { kind: 'retry', reason: reason === 'invalid_event' ? 'unexpected' : reason, detail, afterMs }
    }
    default:
      return { kind: 'retry', reason: meaning, detail, afterMs }
  }
}

/** The code within an answer of any endpoint, if there is one. */
export function codeOf(text: string): number | undefined {
  const code = bodyOf(text)?.code
  return typeof code === 'number' ? code : undefined
}

function bodyOf(text: string): HecBody | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}
