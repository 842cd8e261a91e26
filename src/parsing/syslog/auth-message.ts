import { OUTCOME_UNKNOWN } from '../../core/columns/block.ts'
import { EVENT_CODE, type EventType } from '../event-types.ts'

/**
 * What one log message says: the readers of the programs' messages fill it. Ranges are places in the message, so that
 * columns stay offsets; `action` is a detail in few words (`password`, `publickey`, a command).
 */
export class AuthMessage {
  text = ''
  /** Of EVENT_CODE. */
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

  /** The user that begins at `start` and ends at a blank, bracket or comma, or at the message's full stop. */
  userWord(start: number): void {
    let end = start
    for (; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end)
      if (code <= 0x20 || code === 0x28 || code === 0x2c) break
    }
    if (end > start && end === this.text.length && this.text.charCodeAt(end - 1) === 0x2e) end--
    this.user(start, end)
  }

  /** The user between the first `open` and the next `close`. */
  quotedUser(open: string, close: string): void {
    const at = this.text.indexOf(open)
    if (at < 0) return
    const end = this.text.indexOf(close, at + open.length)
    if (end >= 0) this.user(at + open.length, end)
  }

  /** The address that begins at `start` and ends at a blank, without the colon, comma or full stop that may follow it. */
  ip(start: number): void {
    let end = endOfWord(this.text, start)
    const last = this.text.charCodeAt(end - 1)
    const punctuation = last === 0x3a || last === 0x2c || last === 0x2e
    // `2001:db8::` ends in a colon of its own.
    if (end > start && punctuation && this.text.charCodeAt(end - 2) !== 0x3a) end--
    this.ipStart = start
    this.ipEnd = end
  }

  /** Makes what was read of a part of `text` that begins at `start` an account of the whole. */
  within(text: string, start: number): void {
    this.text = text
    this.userStart += start
    this.userEnd += start
    this.ipStart += start
    this.ipEnd += start
  }
}

/** Place of the blank that ends the word at `start`, or the end of the text. */
export function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start)
  return end < 0 ? text.length : end
}
