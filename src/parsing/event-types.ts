import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN } from '../core/columns/block.ts'
import { EVENT_TYPES, type EventType } from '../core/event-types.ts'

export { EVENT_TYPES, type EventType }

/** The code of an event type: its index in EVENT_TYPES. */
export const EVENT_CODE = Object.fromEntries(EVENT_TYPES.map((name, code) => [name, code])) as Readonly<
  Record<EventType, number>
>

/** Names that other systems use for these event types, in normalized spelling. */
const SYNONYMS: ReadonlyMap<string, EventType> = new Map(
  (
    [
      [
        'login_success',
        'successful_login login_successful login_succeeded login_ok logon_success successful_logon auth_success ' +
          'authentication_success authentication_succeeded authentication_successful ssh_login_success user_login_success',
      ],
      [
        'login_failure',
        'login_failed failed_login login_fail login_error logon_failed logon_failure failed_logon auth_failure auth_failed ' +
          'auth_fail authentication_failure authentication_failed failed_authentication failed_password ' +
          'ssh_login_failed ssh_failed_login user_login_failed',
      ],
      ['invalid_user', 'unknown_user user_unknown no_such_user user_not_found illegal_user'],
      ['session_opened', 'session_open session_start session_started'],
      ['session_closed', 'session_close session_end session_ended logout logoff logged_out user_logout'],
      ['sudo', 'sudo_command'],
      [
        'account_change',
        'user_created user_added user_add user_deleted user_removed user_modified group_created group_added group_deleted ' +
          'account_created account_deleted account_modified role_changed role_change permission_change permissions_changed',
      ],
      ['password_change', 'password_changed password_reset passwd_change'],
    ] as const
  ).flatMap(([type, names]) => names.split(' ').map((name) => [name, type] as const)),
)

const LOGIN_WORDS: ReadonlySet<string> = new Set([
  'login',
  'logon',
  'user_login',
  'ssh_login',
  'authentication',
  'auth',
  'signin',
])

/** `LoginFailed`, `login-failed` and `Login failed` are all `login_failed`. */
export function normaliseName(name: string): string {
  return name
    .slice(0, 128)
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '')
}

/** Event type of a structured record: the standard name if there is one, else the record's own name, normalized. */
export function eventTypeOf(name: string, outcome: number): string {
  const normal = normaliseName(name)
  if (normal === '') return 'other'
  const known = SYNONYMS.get(normal)
  if (known !== undefined) return known
  if (LOGIN_WORDS.has(normal)) {
    if (outcome === OUTCOME_SUCCESS) return 'login_success'
    if (outcome === OUTCOME_FAILURE) return 'login_failure'
  }
  return normal
}

const FAILURE =
  /\b(?:fail|fails|failed|failure|failures|denied|deny|reject|rejected|invalid|incorrect|blocked|refused|error|unauthorized|unauthorised|forbidden|locked)\b/
const SUCCESS =
  /\b(?:success|successful|successfully|succeeded|accepted|allow|allowed|granted|ok|pass|passed|opened|completed)\b/

/** Outcome expressed by words. Failure words win over success words: "failed to start successfully". */
export function outcomeOf(words: string): number {
  const text = words.slice(0, 512).toLowerCase().replaceAll('_', ' ')
  if (FAILURE.test(text)) return OUTCOME_FAILURE
  if (SUCCESS.test(text)) return OUTCOME_SUCCESS
  return OUTCOME_UNKNOWN
}
