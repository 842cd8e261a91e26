import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN } from '../core/block.ts'
import { type AuthMessage, endOfWord } from './auth-message.ts'
import { pamService, readPam } from './pam-message.ts'
import { readSshd } from './sshd-message.ts'

/** Reads a message of a program; the name is as the log has it. Programs that are not known say `other`. */
export function readMessage(message: AuthMessage, program: string): void {
  if (message.text.startsWith('message repeated ')) {
    readRepeated(message, program)
    return
  }
  const service = pamService(message.text)
  if (service !== '') {
    readPam(message, service)
    return
  }
  switch (program) {
    case 'sshd':
    case 'sshd-session':
    case 'sshd-auth':
    case 'dropbear':
      readSshd(message)
      if (message.type === 0 && message.outcome === OUTCOME_UNKNOWN) readOldPam(message, 'sshd-pam')
      return
    case 'sudo':
      readSudo(message)
      return
    case 'su':
      readSu(message)
      return
    case 'CRON':
    case 'crond':
    case 'cron':
    case '/usr/sbin/cron':
      readCron(message)
      return
    case 'systemd-logind':
      readLogind(message)
      return
    case 'passwd':
    case 'chpasswd':
      readPassword(message)
      return
    case 'login':
      if (message.text.startsWith('FAILED LOGIN')) {
        readFailedLogin(message)
        return
      }
      readOldPam(message, program)
      return
    default:
      if (ACCOUNT_PROGRAMS.has(program)) {
        readAccount(message)
        return
      }
      readOldPam(message, program)
      return
  }
}

const ACCOUNT_PROGRAMS: ReadonlySet<string> = new Set(
  'useradd userdel usermod groupadd groupdel groupmod gpasswd adduser deluser addgroup delgroup chage chfn chsh newusers'.split(
    ' ',
  ),
)

/** syslog's `message repeated 3 times: [ ... ]`: the message inside, told once, with the action `repeated`. */
function readRepeated(message: AuthMessage, program: string): void {
  const { text } = message
  const open = text.indexOf(' times: [ ')
  if (open < 0 || open > 40) return
  const start = open + 10
  const end = text.endsWith(']') ? text.length - 1 : text.length
  const inner = text.slice(start, end).trimEnd()
  if (inner.startsWith('message repeated ')) return
  message.reset(inner)
  readMessage(message, program)
  message.text = text
  message.action = 'repeated'
  message.userStart += start
  message.userEnd += start
  message.ipStart += start
  message.ipEnd += start
}

/** PAM of the last century, whose module stands in the program's tag: `sshd(pam_unix)[123]: authentication failure`. */
function readOldPam(message: AuthMessage, service: string): void {
  const { text } = message
  if (
    text.startsWith('authentication failure;') ||
    text.startsWith('session opened for user ') ||
    text.startsWith('session closed for user ')
  ) {
    readPam(message, service)
  } else if (text.startsWith('PAM ') && text.includes(' more authentication failure')) {
    readPam(message, 'sshd')
  }
}

/** `  bob : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/sh`, with the complaint before TTY where it was refused. */
function readSudo(message: AuthMessage): void {
  const { text } = message
  const separator = text.indexOf(' : ')
  if (separator < 0) return
  const first = text.length - text.trimStart().length
  const command = text.indexOf('COMMAND=', separator)
  const refused = !text.startsWith('TTY=', separator + 3) && !text.startsWith('PWD=', separator + 3)
  if (command < 0 && !refused) return
  message.is('sudo', refused ? OUTCOME_FAILURE : OUTCOME_SUCCESS, command < 0 ? '' : text.slice(command + 8))
  message.user(first, separator)
}

/** The user of su is who called it; the action says who they became. */
function readSu(message: AuthMessage): void {
  const { text } = message
  const failed = text.startsWith('FAILED ')
  const outcome = failed ? OUTCOME_FAILURE : OUTCOME_SUCCESS
  const to = text.indexOf('(to ')
  if (to === 0 || (failed && to > 0)) {
    const close = text.indexOf(') ', to)
    if (close < 0) return
    message.is('su', outcome, text.slice(to + 4, close))
    message.userWord(close + 2)
    return
  }
  const target = text.indexOf(' su for ')
  const by = text.lastIndexOf(' by ')
  if (target > 0 && by > target) {
    message.is('su', outcome, text.slice(target + 8, by))
    message.userWord(by + 4)
    return
  }
  if (text.startsWith('+ ') || text.startsWith('- ')) {
    const colon = text.lastIndexOf(':')
    const user = text.lastIndexOf(' ', colon) + 1
    if (colon <= user) {
      readOldPam(message, 'su')
      return
    }
    message.is('other', text.startsWith('+') ? OUTCOME_SUCCESS : OUTCOME_FAILURE)
    message.user(user, colon)
    return
  }
  readOldPam(message, 'su')
}

/** `(root) CMD (run-parts /etc/cron.hourly)` */
function readCron(message: AuthMessage): void {
  const { text } = message
  message.is('cron', OUTCOME_UNKNOWN)
  const close = text.indexOf(') CMD (')
  if (text.charCodeAt(0) !== 0x28 || close < 0) return
  message.user(1, close)
  message.action = text.slice(close + 7, text.endsWith(')') ? -1 : undefined)
}

function readLogind(message: AuthMessage): void {
  const { text } = message
  if (text.startsWith('New session ')) {
    message.is('session_opened', OUTCOME_SUCCESS)
    const user = text.indexOf(' of user ')
    const quote = text.charCodeAt(user + 9) === 0x27 ? 1 : 0
    if (user < 0) return
    message.userWord(user + 9 + quote)
    if (quote === 1 && text.charCodeAt(message.userEnd - 1) === 0x27) message.userEnd--
  } else if (text.startsWith('Removed session ') || (text.startsWith('Session ') && text.includes(' logged out'))) {
    message.is('session_closed', OUTCOME_SUCCESS)
  }
}

function readPassword(message: AuthMessage): void {
  const { text } = message
  const changed = text.indexOf('password for ')
  message.is('password_change', text.includes('fail') ? OUTCOME_FAILURE : OUTCOME_UNKNOWN)
  if (changed < 0) return
  const quote = text.charCodeAt(changed + 13) === 0x27 ? 1 : 0
  message.userWord(changed + 13 + quote)
  if (quote === 1 && text.charCodeAt(message.userEnd - 1) === 0x27) message.userEnd--
}

/** `FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure` */
function readFailedLogin(message: AuthMessage): void {
  const { text } = message
  message.is('login_failure', OUTCOME_FAILURE, 'console')
  quotedUser(message, text.indexOf("FOR '"), 5)
}

/** useradd and its family: `new user: name=bob, UID=1001, ...`, `delete user 'bob'`, `add 'bob' to group 'sudo'`. */
function readAccount(message: AuthMessage): void {
  const { text } = message
  const failed = text.startsWith('failed') || text.startsWith('cannot')
  const first = text.slice(0, endOfWord(text, 0))
  message.is('account_change', failed ? OUTCOME_FAILURE : OUTCOME_SUCCESS, ACCOUNT_ACTIONS.get(first) ?? '')
  const name = text.indexOf('name=')
  if (name >= 0) message.userWord(name + 5)
  else quotedUser(message, text.indexOf("'"), 1)
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

function quotedUser(message: AuthMessage, quote: number, width: number): void {
  if (quote < 0) return
  const close = message.text.indexOf("'", quote + width)
  if (close >= 0) message.user(quote + width, close)
}
