import {
  bounded,
  type FailureReason,
  type HttpResponse,
  parseRetryAfter,
  reasonOfStatus,
  reasonOfSystemError,
} from '#sink'

/** What an answer means for the one finding that was sent. */
export type Answer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: FailureReason; readonly detail: string }
  | { readonly kind: 'later'; readonly reason: FailureReason; readonly detail: string; readonly afterMs?: number }

/** Standard Webhooks: only 2xx is success; 3xx is a failure; 410 says to stop; 429, 502 and 504 say to slow down. */
export function classify(response: HttpResponse, now: number): Answer {
  const { status } = response
  if (status >= 200 && status < 300) return { kind: 'accepted' }
  const reason = reasonOfStatus(status)
  const detail = `HTTP ${status} ${bounded(response.body, 200)}`.trim()
  if (reason === 'invalid_event' || reason === 'too_large') return { kind: 'refused', reason, detail }
  if (status === 410)
    return { kind: 'later', reason, detail: 'HTTP 410: the receiver wants no more; remove or disable this sink' }
  return { kind: 'later', reason, detail, afterMs: parseRetryAfter(response.headers.get('retry-after'), now) }
}

export function classifyError(error: unknown): Answer {
  return { kind: 'later', ...reasonOfSystemError(error) }
}
