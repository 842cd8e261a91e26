import { OUTCOME_UNKNOWN } from '../../core/columns/block.ts'
import type { AuthMessage } from './auth-message.ts'
import { pamService, readOldPam, readPam } from './pam-message.ts'
import { readSu, readSudo } from './privilege-messages.ts'
import { readSshd } from './sshd-message.ts'
import { readAccount, readCron, readLogin, readLogind, readPassword } from './system-messages.ts'

type MessageReader = (message: AuthMessage) => void

/** The reader for the messages of each program. */
const READERS: ReadonlyMap<string, MessageReader> = new Map<string, MessageReader>([
  ...programs('sshd sshd-session sshd-auth', readSshdOrPam),
  ...programs('sudo', readSudo),
  ...programs('su', readSu),
  ...programs('CRON cron crond anacron', readCron),
  ...programs('systemd-logind', readLogind),
  ...programs('passwd chpasswd', readPassword),
  ...programs('login', readLogin),
  ...programs('useradd userdel usermod groupadd groupdel groupmod gpasswd newusers chage chfn chsh', readAccount),
])

function programs(names: string, reader: MessageReader): [string, MessageReader][] {
  return names.split(' ').map((name) => [name, reader])
}

/** Reads a message of a program, named as in the log. A message that no reader recognizes is `other`. */
export function readMessage(message: AuthMessage, program: string): void {
  if (message.text.startsWith(REPEATED)) readRepeated(message, program)
  else readOnce(message, program)
}

function readOnce(message: AuthMessage, program: string): void {
  const service = pamService(message.text)
  const name = program.slice(program.lastIndexOf('/') + 1)
  const reader = READERS.get(name)
  if (service !== '') readPam(message, service)
  else if (reader !== undefined) reader(message)
  else readOldPam(message, name)
}

function readSshdOrPam(message: AuthMessage): void {
  readSshd(message)
  if (message.type === 0 && message.outcome === OUTCOME_UNKNOWN) readOldPam(message, 'sshd')
}

const REPEATED = 'message repeated '
const INNER = ' times: [ '

/** Reads syslog's `message repeated 3 times: [ ... ]` as one event: the inner message, with the action `repeated`. */
function readRepeated(message: AuthMessage, program: string): void {
  const { text } = message
  const open = text.indexOf(INNER)
  // The count has at most ten digits.
  if (open < 0 || open > REPEATED.length + 10) return
  const start = open + INNER.length
  message.reset(text.slice(start, text.endsWith(']') ? -1 : undefined).trimEnd())
  readOnce(message, program)
  message.within(text, start)
  message.action = 'repeated'
}
