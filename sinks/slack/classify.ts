import { bounded, type HttpResponse, parseRetryAfter, type RequestOutcome, reasonOfStatus } from '#sink'

/** Errors of the channel or the webhook: the message is valid and an operator has to act. */
const CHANNEL_ERRORS =
  /^(no_service|no_service_id|no_team|team_disabled|channel_not_found|channel_is_archived|invalid_token|action_prohibited|posting_to_general_channel_denied|user_not_found|no_active_hooks|token_revoked)/

/** Slack confirms a message with the body "ok". Any other body of a 200, such as a login page, is a failure. */
export function classify(response: HttpResponse, now: number): RequestOutcome {
  const { status, body } = response
  const detail = `HTTP ${status} ${bounded(body, 200)}`
  if (status === 200) {
    if (body.trim() === 'ok') return { kind: 'delivered' }
    return { kind: 'retry', reason: 'unexpected', detail: `the answer is not from Slack: ${detail}` }
  }
  if (CHANNEL_ERRORS.test(body)) return { kind: 'retry', reason: 'misconfigured', detail }
  const reason = reasonOfStatus(status)
  if (reason === 'invalid_event' || reason === 'too_large') return { kind: 'rejected', reason, detail }
  return { kind: 'retry', reason, detail, afterMs: parseRetryAfter(response.headers.get('retry-after'), now) }
}
