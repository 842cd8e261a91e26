/** What can happen, as detectors and rules name it. Structured logs may bring types of their own beside these. */
export const EVENT_TYPES = [
  'other',
  'login_success',
  'login_failure',
  'invalid_user',
  'session_opened',
  'session_closed',
  'sudo',
  'su',
  'account_change',
  'password_change',
  'connection_closed',
  'preauth_disconnect',
  'cron',
] as const

export type EventType = (typeof EVENT_TYPES)[number]
