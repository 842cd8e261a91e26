import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN } from '../../core/columns/block.ts'
import { type AuthMessage, endOfWord } from './auth-message.ts'
import { readOldPam } from './pam-message.ts'

/** Reads `(root) CMD (run-parts /etc/cron.hourly)`; the action is the command. */
export function readCron(message: AuthMessage): void {
  const { text } = message
  message.is('cron', OUTCOME_UNKNOWN)
  const close = text.indexOf(') CMD (')
  if (text.charCodeAt(0) !== 0x28 || close < 0) return
  message.user(1, close)
  message.action = text.slice(close + 7, text.endsWith(')') ? -1 : undefined).trim()
}

/** Reads `New session 5 of user bob.` (quoted since systemd 254) and `Removed session 5.` */
export function readLogind(message: AuthMessage): void {
  const { text } = message
  if (text.startsWith('New session ')) {
    message.is('session_opened', OUTCOME_SUCCESS)
    const user = text.indexOf(' of user ')
    if (text.charCodeAt(user + 9) === 0x27) message.quotedUser("user '", "'")
    else if (user >= 0) message.userWord(user + 9)
  } else if (text.startsWith('Removed session ') || (text.startsWith('Session ') && text.includes(' logged out'))) {
    message.is('session_closed', OUTCOME_SUCCESS)
  }
}

/** Reads messages of passwd and chpasswd without PAM: `password for 'bob' changed by 'root'`. */
export function readPassword(message: AuthMessage): void {
  const { text } = message
  const failed = text.includes('fail')
  message.is('password_change', failed ? OUTCOME_FAILURE : text.includes('change') ? OUTCOME_SUCCESS : OUTCOME_UNKNOWN)
  const name = text.indexOf('password for ')
  if (text.charCodeAt(name + 13) === 0x27) message.quotedUser("for '", "'")
  else if (name >= 0) message.userWord(name + 13)
}

/** Reads `FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure`. */
export function readLogin(message: AuthMessage): void {
  if (message.text.startsWith('FAILED LOGIN')) {
    message.is('login_failure', OUTCOME_FAILURE, 'console')
    message.quotedUser("FOR '", "'")
  } else if (message.text.startsWith('LOGIN ON ') || message.text.startsWith('ROOT LOGIN ')) {
    message.is('login_success', OUTCOME_SUCCESS, 'console')
    const by = message.text.indexOf(' BY ')
    if (by >= 0) message.userWord(by + 4)
  } else readOldPam(message, 'login')
}

/**
 * Reads messages of useradd and related programs: `new user: name=bob, UID=1001, ...`, `delete user 'bob'`, `add 'bob'
 * to group 'sudo'`.
 */
export function readAccount(message: AuthMessage): void {
  const { text } = message
  const verb = text.slice(0, endOfWord(text, 0))
  const failed = verb === 'failed' || verb === 'cannot'
  message.is('account_change', failed ? OUTCOME_FAILURE : OUTCOME_SUCCESS, ACCOUNT_ACTIONS.get(verb) ?? '')
  const name = text.indexOf('name=')
  if (name >= 0) message.userWord(name + 5)
  else message.quotedUser("'", "'")
}

const ACCOUNT_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['new', 'added'],
  ['add', 'added'],
  ['group', 'added'],
  ['delete', 'removed'],
  ['removed', 'removed'],
  ['change', 'changed'],
  ['failed', 'failed'],
])
