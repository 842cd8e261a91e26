import { OUTCOME_FAILURE, OUTCOME_SUCCESS } from '../../core/columns/block.ts'
import { type AuthMessage, endOfWord } from './auth-message.ts'

/**
 * The service and type, such as `sshd:auth` in `pam_unix(sshd:auth): `; the empty string if the message is not from
 * PAM.
 */
export function pamService(text: string): string {
  if (!text.startsWith('pam_')) return ''
  const open = text.indexOf('(')
  if (open < 0 || open > 32) return ''
  const colon = text.indexOf(':', open)
  return colon > open && colon < open + 64 ? text.slice(open + 1, colon) : ''
}

/**
 * Reads messages of PAM modules, such as `pam_unix(sshd:session): session opened for user bob by (uid=0)`. `service` is
 * the program that called PAM: `sshd`, `sudo`, `cron`.
 */
export function readPam(message: AuthMessage, service: string): void {
  const { text } = message
  const cron = service === 'cron' || service === 'crond'
  const opened = text.indexOf('session opened for user ')
  const closed = opened < 0 ? text.indexOf('session closed for user ') : -1
  if (opened >= 0) {
    message.is(cron ? 'cron' : 'session_opened', OUTCOME_SUCCESS)
    message.userWord(opened + 24)
  } else if (closed >= 0) {
    message.is(cron ? 'cron' : 'session_closed', OUTCOME_SUCCESS)
    message.userWord(closed + 24)
  } else if (text.includes('authentication failure')) readFailure(message, service)
  else if (text.includes(':chauthtok)')) readPasswordChange(message)
}

/** Reads messages of old PAM versions, where the module is in the tag: `sshd(pam_unix)[123]: session opened ...`. */
export function readOldPam(message: AuthMessage, service: string): void {
  const { text } = message
  if (
    text.startsWith('authentication failure;') ||
    text.startsWith('session opened for user ') ||
    text.startsWith('session closed for user ')
  ) {
    // Here sshd writes no line of its own, so the failure counts as it does for other services.
    readPam(message, service === 'sshd' ? 'sshd(pam_unix)' : service)
  } else if (text.startsWith('PAM ') && text.includes(' more authentication failure')) {
    readPam(message, 'sshd')
  }
}

/**
 * Reads an authentication failure. For sshd, it reports the same attempt as sshd's own `Failed password`, so it is not
 * another login failure. Other services write only this line.
 */
function readFailure(message: AuthMessage, service: string): void {
  const { text } = message
  const privilege = service === 'sudo' || service === 'su' || service === 'su-l'
  if (privilege) message.is(service === 'sudo' ? 'sudo' : 'su', OUTCOME_FAILURE, 'pam_authentication_failure')
  else message.is(service === 'sshd' ? 'other' : 'login_failure', OUTCOME_FAILURE, 'pam_authentication_failure')
  const rhost = text.indexOf('rhost=')
  if (rhost >= 0) {
    message.ipStart = rhost + 6
    message.ipEnd = endOfWord(text, rhost + 6)
  }
  // The user of sudo and su is the caller.
  const actor = privilege ? text.indexOf('ruser=') + 6 : 0
  const user = actor >= 6 && endOfWord(text, actor) > actor ? actor : text.lastIndexOf(' user=') + 6
  if (user >= 6) message.user(user, endOfWord(text, user))
}

/** Reads `password changed for bob`, or an error such as `user "bob" does not exist`. */
function readPasswordChange(message: AuthMessage): void {
  const { text } = message
  const changed = text.indexOf('password changed for ')
  if (changed >= 0) {
    message.is('password_change', OUTCOME_SUCCESS)
    message.userWord(changed + 21)
  } else {
    message.is('password_change', OUTCOME_FAILURE)
    message.quotedUser('user "', '"')
  }
}
