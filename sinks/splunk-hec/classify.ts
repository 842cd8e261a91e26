import {
  bounded,
  type Delivered,
  type FailureReason,
  type HttpResponse,
  parseRetryAfter,
  type Rejected,
  type Retry,
  reasonOfStatus,
} from '#sink'

/** Outcome of a request to HEC, with what only Splunk says. */
export type HecOutcome =
  /** `ackId` asks whether the batch is indexed; without it, being received has to be enough. */
  | (Delivered & { readonly ackId?: number; readonly nearCapacity: boolean })
  | Retry
  /** `index` is the position of the invalid event: HEC took the events before it and none after it. */
  | (Rejected & { readonly index?: number })

type Meaning = 'delivered' | 'near_capacity' | FailureReason

/** Every code of the HTTP Event Collector (Splunk Enterprise 9, "Troubleshoot HTTP Event Collector"). */
const MEANING: Readonly<Record<number, Meaning>> = {
  0: 'delivered',
  1: 'unauthorized',
  2: 'unauthorized',
  3: 'unauthorized',
  4: 'unauthorized',
  5: 'invalid_event',
  6: 'invalid_event',
  7: 'misconfigured',
  8: 'server_error',
  9: 'server_error',
  10: 'misconfigured',
  11: 'misconfigured',
  12: 'invalid_event',
  13: 'invalid_event',
  14: 'misconfigured',
  15: 'invalid_event',
  16: 'misconfigured',
  17: 'delivered',
  18: 'server_error',
  19: 'server_error',
  20: 'server_error',
  21: 'unauthorized',
  22: 'unauthorized',
  23: 'server_error',
  24: 'near_capacity',
  25: 'near_capacity',
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

export function classify(response: HttpResponse, now: number): HecOutcome {
  const { status } = response
  const body = bodyOf(response.body)
  const code = typeof body?.code === 'number' ? body.code : undefined
  const detail =
    code === undefined ? `HTTP ${status} ${bounded(response.body, 200)}` : `code ${code}: ${bounded(body?.text, 200)}`
  const meaning = code === undefined ? undefined : MEANING[code]
  if (status >= 200 && status < 300) {
    if (meaning !== 'delivered' && meaning !== 'near_capacity') {
      return { kind: 'retry', reason: 'unexpected', detail: `the answer is not from a Splunk collector: ${detail}` }
    }
    const ackId = typeof body?.ackId === 'number' ? body.ackId : undefined
    return { kind: 'delivered', ackId, nearCapacity: meaning === 'near_capacity' }
  }
  const afterMs = parseRetryAfter(response.headers.get('retry-after'), now)
  switch (meaning) {
    case 'invalid_event': {
      const number = body?.['invalid-event-number']
      const index = typeof number === 'number' && number >= 0 ? number : undefined
      return { kind: 'rejected', reason: 'invalid_event', detail, index }
    }
    case 'delivered':
    case 'near_capacity':
      return { kind: 'retry', reason: 'unexpected', detail: `HTTP ${status} with ${detail}`, afterMs }
    case undefined: {
      const reason = reasonOfStatus(status)
      if (reason === 'too_large') return { kind: 'rejected', reason, detail }
      // Without a code of HEC the refusal comes from a proxy, so the events are not known to be invalid.
      return { kind: 'retry', reason: reason === 'invalid_event' ? 'unexpected' : reason, detail, afterMs }
    }
    default:
      return { kind: 'retry', reason: meaning, detail, afterMs }
  }
}

/** The HEC code in an answer of any endpoint; undefined if there is none. */
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
