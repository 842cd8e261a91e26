import { bounded, type HttpResponse, parseRetryAfter, type RequestOutcome, reasonOfStatus } from '#sink'

/** Outcome for the one finding of a request. Standard Webhooks: only 2xx is success, redirects are failures. */
export function classify(response: HttpResponse, now: number): RequestOutcome {
  const { status } = response
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const reason = reasonOfStatus(status)
  const detail = `HTTP ${status} ${bounded(response.body, 200)}`.trim()
  if (reason === 'invalid_event' || reason === 'too_large') return { kind: 'rejected', reason, detail }
  if (status === 410) {
    return { kind: 'retry', reason, detail: 'HTTP 410: the receiver is gone for good; remove or disable this sink' }
  }
  return { kind: 'retry', reason, detail, afterMs: parseRetryAfter(response.headers.get('retry-after'), now) }
}
