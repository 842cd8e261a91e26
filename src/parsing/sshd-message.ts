import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN } from '../core/block.ts'
import { type AuthMessage, endOfWord } from './auth-message.ts'

/**
 * Messages of OpenSSH's server. A name given by the client may hold anything, blanks and ` from 192.0.2.1` included, so
 * the address is always the one after the last ` from `: what the server itself wrote.
 */
export function readSshd(message: AuthMessage): void {
  const { text } = message
  switch (text.charCodeAt(0)) {
    case 0x41: // A
      if (text.startsWith('Accepted ')) readAttempt(message, 9, true)
      break
    case 0x46: // F
      if (text.startsWith('Failed ')) readAttempt(message, 7, false)
      break
    case 0x49: // I
      if (text.startsWith('Invalid user ')) {
        message.is('invalid_user', OUTCOME_FAILURE)
        userThenAddress(message, 13)
      } else if (text.startsWith('Illegal user ')) {
        message.is('invalid_user', OUTCOME_FAILURE)
        userThenAddress(message, 13)
      }
      break
    case 0x43: // C
      if (text.startsWith('Connection closed by ')) readEnd(message, 21)
      else if (text.startsWith('Connection reset by ')) readEnd(message, 20)
      else if (text.startsWith('Connection from ')) message.ip(16)
      break
    case 0x44: // D
      readDisconnect(message)
      break
    case 0x52: // R
      if (text.startsWith('Received disconnect from ')) readEnd(message, 25)
      break
    default:
      readRest(message)
  }
}

/** `Failed password for invalid user bob from 192.0.2.1 port 22 ssh2`, from the place of the method. */
function readAttempt(message: AuthMessage, methodStart: number, success: boolean): void {
  const { text } = message
  const methodEnd = text.indexOf(' for ', methodStart)
  if (methodEnd < 0) return
  message.is(
    success ? 'login_success' : 'login_failure',
    success ? OUTCOME_SUCCESS : OUTCOME_FAILURE,
    text.slice(methodStart, methodEnd),
  )
  let user = methodEnd + 5
  if (text.startsWith('invalid user ', user)) user += 13
  else if (text.startsWith('illegal user ', user)) user += 13
  userThenAddress(message, user)
}

function userThenAddress(message: AuthMessage, userStart: number): void {
  const from = message.text.lastIndexOf(' from ')
  if (from < userStart - 1) {
    message.user(userStart, message.text.length)
    return
  }
  message.user(userStart, from)
  message.ip(from + 6)
}

/** `[authenticating|invalid user NAME ]ADDRESS port N [preauth]`, the end of a connection. */
function readEnd(message: AuthMessage, start: number): void {
  const { text } = message
  message.is(text.endsWith('[preauth]') ? 'preauth_disconnect' : 'connection_closed', OUTCOME_UNKNOWN)
  let user = -1
  if (text.startsWith('authenticating user ', start)) user = start + 20
  else if (text.startsWith('invalid user ', start)) user = start + 13
  else if (text.startsWith('user ', start)) user = start + 5
  if (user < 0) {
    message.ip(start)
    return
  }
  const port = text.lastIndexOf(' port ')
  const address = port < 0 ? -1 : text.lastIndexOf(' ', port - 1)
  if (address < user) {
    message.user(user, endOfWord(text, user))
    return
  }
  message.user(user, address)
  message.ip(address + 1)
}

function readDisconnect(message: AuthMessage): void {
  const { text } = message
  if (text.startsWith('Disconnected from ')) {
    readEnd(message, 18)
    return
  }
  if (text.startsWith('Disconnecting ')) {
    readEnd(message, 14)
    return
  }
  if (text.startsWith('Disconnecting: ')) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN)
    const name = text.indexOf(' for ')
    if (name > 0) message.userWord(name + 5)
  } else if (text.startsWith('Did not receive identification string from ')) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN, 'no_identification')
    message.ip(43)
  }
}

function readRest(message: AuthMessage): void {
  const { text } = message
  if (text.startsWith('error: Received disconnect from ')) {
    readEnd(message, 32)
    return
  }
  if (text.startsWith('input_userauth_request: invalid user ')) {
    // Repeats the `Invalid user` line before it, which is the one that counts.
    const end = text.lastIndexOf(' [preauth]')
    message.is('other', OUTCOME_FAILURE)
    message.user(37, end < 0 ? text.length : end)
    return
  }
  if (text.startsWith('error: maximum authentication attempts exceeded for ')) {
    message.is('preauth_disconnect', OUTCOME_FAILURE, 'max_attempts')
    userThenAddress(message, text.startsWith('invalid user ', 52) ? 65 : 52)
    return
  }
  if (text.startsWith('Bad protocol version identification ')) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN, 'bad_protocol')
    addressAfterLast(message, ' from ')
    return
  }
  if (text.startsWith('fatal: Timeout before authentication for ')) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN, 'timeout')
    message.ip(41)
    return
  }
  if (text.startsWith('Timeout before authentication for ')) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN, 'timeout')
    message.ip(text.startsWith('connection from ', 34) ? 50 : 34)
    return
  }
  const negotiate = text.indexOf('nable to negotiate with ')
  if (negotiate >= 0 && negotiate < 10) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN, 'no_common_algorithm')
    message.ip(negotiate + 24)
    return
  }
  if (text.startsWith('banner exchange: Connection from ')) {
    message.is('preauth_disconnect', OUTCOME_UNKNOWN, 'bad_protocol')
    message.ip(33)
    return
  }
  if (text.startsWith('User ') && text.includes(' not allowed because ')) {
    const end = text.lastIndexOf(' from ')
    message.is('login_failure', OUTCOME_FAILURE, 'not_allowed')
    if (end < 0) {
      message.userWord(5)
      return
    }
    message.user(5, end)
    message.ip(end + 6)
    return
  }
  if (text.startsWith('ROOT LOGIN REFUSED FROM ')) {
    message.is('login_failure', OUTCOME_FAILURE, 'not_allowed')
    message.ip(24)
    return
  }
  if (text.startsWith('reverse mapping checking getaddrinfo for ')) {
    const open = text.indexOf('[')
    const close = text.indexOf(']', open)
    if (open < 0 || close < 0) return
    message.ipStart = open + 1
    message.ipEnd = close
    return
  }
  if (text.startsWith('Starting session: ')) addressAfterLast(message, ' from ')
}

function addressAfterLast(message: AuthMessage, word: string): void {
  const at = message.text.lastIndexOf(word)
  if (at >= 0) message.ip(at + word.length)
}
