import { bounded, type FailureReason, type HttpResponse, parseRetryAfter, reasonOfStatus } from '#sink'

export type Answer =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly reason: FailureReason; readonly detail: string; readonly afterMs?: number }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly detail: string }

/** Answers about the channel or the webhook itself: an operator has to act, and the message is good. */
const ABOUT_THE_CHANNEL =
  /^(no_service|no_service_id|no_team|team_disabled|channel_not_found|channel_is_archived|invalid_token|action_prohibited|posting_to_general_channel_denied|user_not_found|no_active_hooks|token_revoked)/

/** Slack answers in words; a success is the word "ok" and nothing else, so that a portal's page is not taken for one. */
export function classify(response: HttpResponse, now: number): Answer {
  const { status, body } = response
  const detail = `HTTP ${status} ${bounded(body, 200)}`
  if (status === 200) {
    if (body.trim() === 'ok') return { kind: 'delivered' }
    return { kind: 'retry', reason: 'unexpected', detail: `not Slack's answer: ${detail}` }
  }
  if (ABOUT_THE_CHANNEL.test(body)) return { kind: 'retry', reason: 'misconfigured', detail }
  const reason = reasonOfStatus(status)
  if (reason === 'invalid_event' || reason === 'too_large') return { kind: 'rejected', reason, detail }
  return { kind: 'retry', reason, detail, afterMs: parseRetryAfter(response.headers.get('retry-after'), now) }
}
