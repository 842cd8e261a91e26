/** The event types that detectors and rules use. Structured logs may contain other types. */
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
