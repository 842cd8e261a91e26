import { OUTCOME_UNKNOWN } from '../core/block.ts'
import { EVENT_CODE, type EventType } from './event-types.ts'

/**
 * What one log message says: the readers of the programs' messages fill it. Ranges are places in the message, so that
 * columns stay offsets; `action` is a detail in few words (`password`, `publickey`, a command).
 */
export class AuthMessage {
  text = ''
  type = 0
  outcome = OUTCOME_UNKNOWN
  userStart = 0
  userEnd = 0
  ipStart = 0
  ipEnd = 0
  action = ''

  reset(text: string): void {
    this.text = text
    this.type = EVENT_CODE.other
    this.outcome = OUTCOME_UNKNOWN
    this.userStart = this.userEnd = this.ipStart = this.ipEnd = 0
    this.action = ''
  }

  is(type: EventType, outcome: number, action = ''): void {
    this.type = EVENT_CODE[type]
    this.outcome = outcome
    this.action = action
  }

  user(start: number, end: number): void {
    this.userStart = start
    this.userEnd = Math.max(start, end)
  }

  /** The address that begins at `start` and ends at a blank, comma, or the colon before a blank of old sshd. */
  ip(start: number): void {
    let end = endOfWord(this.text, start)
    const last = this.text.charCodeAt(end - 1)
    if (end > start && (last === 0x3a || last === 0x2c || last === 0x2e) && this.text.charCodeAt(end - 2) !== 0x3a)
      end--
    this.ipStart = start
    this.ipEnd = end
  }

  /** The user that begins at `start` and ends at a blank or bracket. */
  userWord(start: number): void {
    let end = start
    for (; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end)
      if (code <= 0x20 || code === 0x28 || code === 0x2c) break
    }
    if (this.text.charCodeAt(end - 1) === 0x2e && end > start) end--
    this.user(start, end)
  }

  /** The value of `name=value` that ends at a blank, comma or semicolon; returns its start, or -1. */
  value(name: string, from = 0): number {
    const at = this.text.indexOf(name, from)
    return at < 0 ? -1 : at + name.length
  }
}

export function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start)
  return end < 0 ? text.length : end
}
