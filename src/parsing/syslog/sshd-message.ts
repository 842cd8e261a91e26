import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN } from '../../core/columns/block.ts'
import type { EventType } from '../event-types.ts'
import { type AuthMessage, endOfWord } from './auth-message.ts'

/** A message prefix, its meaning, and a function that reads the rest of the message from position `at`. */
interface Phrase {
  readonly prefix: string
  readonly type: EventType
  readonly outcome: number
  readonly action: string
  readonly read: (message: AuthMessage, at: number) => void
}

/** Messages of the OpenSSH server. If two prefixes match the same message, the longer one comes first. */
const PHRASES: readonly Phrase[] = [
  phrase('Failed ', 'login_failure', OUTCOME_FAILURE, '', readAttempt),
  phrase('Accepted ', 'login_success', OUTCOME_SUCCESS, '', readAttempt),
  phrase('Postponed ', 'other', OUTCOME_UNKNOWN, '', readAttempt),
  phrase('Invalid user ', 'invalid_user', OUTCOME_FAILURE, '', readUserAndAddress),
  phrase('Illegal user ', 'invalid_user', OUTCOME_FAILURE, '', readUserAndAddress),
  phrase('Connection closed by ', 'connection_closed', OUTCOME_UNKNOWN, '', readEnd),
  phrase('Connection reset by ', 'connection_closed', OUTCOME_UNKNOWN, '', readEnd),
  phrase('Connection from ', 'other', OUTCOME_UNKNOWN, 'connection', readAddress),
  phrase('Received disconnect from ', 'connection_closed', OUTCOME_UNKNOWN, '', readEnd),
  phrase('error: Received disconnect from ', 'connection_closed', OUTCOME_UNKNOWN, '', readEnd),
  phrase('Disconnected from ', 'connection_closed', OUTCOME_UNKNOWN, '', readEnd),
  phrase('Disconnecting: ', 'connection_closed', OUTCOME_UNKNOWN, '', readKicked),
  phrase('Disconnecting ', 'connection_closed', OUTCOME_UNKNOWN, '', readEnd),
  phrase(
    'error: maximum authentication attempts exceeded for invalid user ',
    'preauth_disconnect',
    OUTCOME_FAILURE,
    'max_attempts',
    readUserAndAddress,
  ),
  phrase(
    'error: maximum authentication attempts exceeded for ',
    'preauth_disconnect',
    OUTCOME_FAILURE,
    'max_attempts',
    readUserAndAddress,
  ),
  phrase(
    'Did not receive identification string from ',
    'preauth_disconnect',
    OUTCOME_UNKNOWN,
    'no_identification',
    readAddress,
  ),
  phrase(
    'Bad protocol version identification ',
    'preauth_disconnect',
    OUTCOME_UNKNOWN,
    'bad_protocol',
    readLastAddress,
  ),
  phrase('banner exchange: Connection from ', 'preauth_disconnect', OUTCOME_UNKNOWN, 'bad_protocol', readAddress),
  phrase('fatal: Timeout before authentication for ', 'preauth_disconnect', OUTCOME_UNKNOWN, 'timeout', readAddress),
  phrase(
    'Timeout before authentication for connection from ',
    'preauth_disconnect',
    OUTCOME_UNKNOWN,
    'timeout',
    readAddress,
  ),
  phrase('Timeout before authentication for ', 'preauth_disconnect', OUTCOME_UNKNOWN, 'timeout', readAddress),
  phrase('fatal: Unable to negotiate with ', 'preauth_disconnect', OUTCOME_UNKNOWN, 'no_common_algorithm', readAddress),
  phrase('Unable to negotiate with ', 'preauth_disconnect', OUTCOME_UNKNOWN, 'no_common_algorithm', readAddress),
  phrase('ROOT LOGIN REFUSED FROM ', 'login_failure', OUTCOME_FAILURE, 'not_allowed', readAddress),
  phrase('User ', 'other', OUTCOME_UNKNOWN, '', readNotAllowed),
  // It repeats the previous `Invalid user` line, which is the one that counts.
  phrase('input_userauth_request: invalid user ', 'other', OUTCOME_FAILURE, '', readRequestUser),
  phrase(
    'reverse mapping checking getaddrinfo for ',
    'other',
    OUTCOME_UNKNOWN,
    'reverse_mapping',
    readBracketedAddress,
  ),
  phrase('Starting session: ', 'other', OUTCOME_UNKNOWN, 'session', readLastAddress),
]

function phrase(
  prefix: string,
  type: EventType,
  outcome: number,
  action: string,
  read: (message: AuthMessage, at: number) => void,
): Phrase {
  return { prefix, type, outcome, action, read }
}

/** The phrases by the code of their first letter. */
const BY_LETTER: ReadonlyMap<number, readonly Phrase[]> = new Map(
  PHRASES.map(({ prefix }) => prefix.charCodeAt(0)).map((letter) => [
    letter,
    PHRASES.filter(({ prefix }) => prefix.charCodeAt(0) === letter),
  ]),
)

/**
 * Reads a message of the OpenSSH server. A user name from the client may contain anything, even ` from 192.0.2.1`, so
 * the address is always after the last ` from `, which the server wrote.
 */
export function readSshd(message: AuthMessage): void {
  const found = BY_LETTER.get(message.text.charCodeAt(0))?.find(({ prefix }) => message.text.startsWith(prefix))
  if (found === undefined) return
  message.is(found.type, found.outcome, found.action)
  found.read(message, found.prefix.length)
}

/** `password for invalid user bob from 192.0.2.1 port 22 ssh2` */
function readAttempt(message: AuthMessage, at: number): void {
  const { text } = message
  const methodEnd = text.indexOf(' for ', at)
  if (methodEnd < 0) {
    message.is('other', OUTCOME_UNKNOWN)
    return
  }
  message.action = text.slice(at, methodEnd)
  const user = methodEnd + 5
  const unknown = text.startsWith('invalid user ', user) || text.startsWith('illegal user ', user)
  readUserAndAddress(message, unknown ? user + 13 : user)
}

/** `bob from 192.0.2.1 port 22` */
function readUserAndAddress(message: AuthMessage, at: number): void {
  const from = message.text.lastIndexOf(' from ')
  // With an empty name, one space remains where there would be two.
  if (from < at - 1) {
    message.user(at, message.text.length)
  } else {
    message.user(at, from)
    message.ip(from + 6)
  }
}

/** Reads the end of a connection: `[authenticating|invalid] [user NAME] ADDRESS port N [preauth]`. */
function readEnd(message: AuthMessage, at: number): void {
  const { text } = message
  if (text.endsWith('[preauth]')) message.is('preauth_disconnect', OUTCOME_UNKNOWN)
  let user = -1
  if (text.startsWith('authenticating user ', at)) user = at + 20
  else if (text.startsWith('invalid user ', at)) user = at + 13
  else if (text.startsWith('user ', at)) user = at + 5
  if (user < 0) {
    message.ip(at)
    return
  }
  const port = text.lastIndexOf(' port ')
  const address = port < 0 ? -1 : text.lastIndexOf(' ', port - 1)
  if (address < user - 1) {
    message.user(user, endOfWord(text, user))
  } else {
    message.user(user, address)
    message.ip(address + 1)
  }
}

/** `Too many authentication failures for bob [preauth]` */
function readKicked(message: AuthMessage): void {
  const { text } = message
  if (text.endsWith('[preauth]')) message.is('preauth_disconnect', OUTCOME_UNKNOWN)
  const name = text.indexOf(' for ')
  if (name >= 0) message.userWord(name + 5)
}

/** `bob from 192.0.2.1 not allowed because not listed in AllowUsers` */
function readNotAllowed(message: AuthMessage, at: number): void {
  const { text } = message
  const end = text.lastIndexOf(' not allowed because ')
  if (end < 0) return
  message.is('login_failure', OUTCOME_FAILURE, 'not_allowed')
  const from = text.lastIndexOf(' from ', end)
  message.user(at, from < at ? end : from)
  if (from >= at) message.ip(from + 6)
}

function readRequestUser(message: AuthMessage, at: number): void {
  const end = message.text.lastIndexOf(' [preauth]')
  message.user(at, end < 0 ? message.text.length : end)
}

/** `ns.example [192.0.2.1] failed` */
function readBracketedAddress(message: AuthMessage, at: number): void {
  const open = message.text.indexOf('[', at)
  const close = message.text.indexOf(']', open)
  if (open < 0 || close < 0) return
  message.ipStart = open + 1
  message.ipEnd = close
}

function readAddress(message: AuthMessage, at: number): void {
  message.ip(at)
}

function readLastAddress(message: AuthMessage, at: number): void {
  const from = message.text.lastIndexOf(' from ')
  if (from >= at - 1) message.ip(from + 6)
}
