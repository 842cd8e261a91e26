import { OUTCOME_FAILURE, OUTCOME_SUCCESS } from '../../core/columns/block.ts'
import type { AuthMessage } from './auth-message.ts'
import { readOldPam } from './pam-message.ts'

/**
 * Reads `  bob : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/bin/sh`, with an error before TTY if it was refused. The
 * action is the command.
 */
export function readSudo(message: AuthMessage): void {
  const { text } = message
  const separator = text.indexOf(' : ')
  if (separator < 0) return
  const command = text.indexOf('COMMAND=', separator)
  const refused = !text.startsWith('TTY=', separator + 3) && !text.startsWith('PWD=', separator + 3)
  if (command < 0 && !refused) return
  message.is('sudo', refused ? OUTCOME_FAILURE : OUTCOME_SUCCESS, command < 0 ? '' : text.slice(command + 8))
  message.user(text.length - text.trimStart().length, separator)
}

/** Reads messages of su. The user is the caller; the action is the new user. */
export function readSu(message: AuthMessage): void {
  const { text } = message
  const failed = text.startsWith('FAILED ')
  const outcome = failed ? OUTCOME_FAILURE : OUTCOME_SUCCESS
  const to = text.indexOf('(to ')
  const close = to < 0 ? -1 : text.indexOf(') ', to)
  const target = text.indexOf(' su for ')
  const by = text.lastIndexOf(' by ')
  if (close > 0 && (to === 0 || failed)) {
    message.is('su', outcome, text.slice(to + 4, close))
    message.userWord(close + 2)
  } else if (target > 0 && by > target) {
    message.is('su', outcome, text.slice(target + 8, by))
    message.userWord(by + 4)
  } else if (text.startsWith('+ ') || text.startsWith('- ')) {
    readOldSu(message)
  } else readOldPam(message, 'su')
}

/** Reads `+ /dev/pts/1 bob:root`, which repeats the previous line. */
function readOldSu(message: AuthMessage): void {
  const { text } = message
  const colon = text.lastIndexOf(':')
  const user = text.lastIndexOf(' ', colon) + 1
  if (colon <= user) return
  message.is('other', text.startsWith('+') ? OUTCOME_SUCCESS : OUTCOME_FAILURE)
  message.user(user, colon)
}
