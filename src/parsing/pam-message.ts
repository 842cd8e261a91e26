import { OUTCOME_FAILURE, OUTCOME_SUCCESS } from '../core/block.ts'
import { type AuthMessage, endOfWord } from './auth-message.ts'

/**
 * Messages of pam_unix and its sisters, `pam_unix(sshd:session): session opened for user bob by (uid=0)`. `service` is
 * who asked PAM: `sshd`, `sudo`, `cron`.
 */
export function readPam(message: AuthMessage, service: string): void {
  const { text } = message
  const opened = text.indexOf('session opened for user ')
  if (opened >= 0) {
    message.is(service === 'cron' || service === 'crond' ? 'cron' : 'session_opened', OUTCOME_SUCCESS)
    message.userWord(opened + 24)
    return
  }
  const closed = text.indexOf('session closed for user ')
  if (closed >= 0) {
    message.is(service === 'cron' || service === 'crond' ? 'cron' : 'session_closed', OUTCOME_SUCCESS)
    message.userWord(closed + 24)
    return
  }
  if (text.includes('authentication failure')) {
    readFailure(message, service)
    return
  }
  const changed = text.indexOf('password changed for ')
  if (changed >= 0) {
    message.is('password_change', OUTCOME_SUCCESS)
    message.userWord(changed + 21)
    return
  }
  if (text.includes(':chauthtok)')) {
    message.is('password_change', OUTCOME_FAILURE)
    const quote = text.indexOf('user "')
    const close = text.indexOf('"', quote + 6)
    if (quote >= 0 && close >= 0) message.user(quote + 6, close)
  }
}

/** The service of `pam_unix(sshd:auth): `, or the empty string where the message is not one of PAM. */
export function pamService(text: string): string {
  if (!text.startsWith('pam_')) return ''
  const open = text.indexOf('(')
  const colon = text.indexOf(':', open)
  return open > 0 && open < 32 && colon > open && colon < open + 64 ? text.slice(open + 1, colon) : ''
}

/**
 * PAM's failure beside sshd's own `Failed password` is the same attempt told twice, so for sshd it is no login failure
 * of its own. Other services have no line but this.
 */
function readFailure(message: AuthMessage, service: string): void {
  const { text } = message
  if (service === 'sudo') message.is('sudo', OUTCOME_FAILURE, 'pam_authentication_failure')
  else if (service === 'su' || service === 'su-l') message.is('su', OUTCOME_FAILURE, 'pam_authentication_failure')
  else if (service === 'sshd') message.is('other', OUTCOME_FAILURE, 'pam_authentication_failure')
  else message.is('login_failure', OUTCOME_FAILURE, 'pam_authentication_failure')
  const rhost = message.value('rhost=')
  if (rhost >= 0) {
    message.ipStart = rhost
    message.ipEnd = endOfWord(text, rhost)
  }
  const actor = service === 'sudo' || service.startsWith('su') ? message.value('ruser=') : -1
  const user = actor >= 0 && endOfWord(text, actor) > actor ? actor : text.lastIndexOf(' user=') + 6
  if (user >= 6) message.user(user, endOfWord(text, user))
}
