import { OUTCOME_UNKNOWN } from '../../core/columns/block.ts'
import { EVENT_CODE, type EventType } from '../event-types.ts'

/**
 * The meaning of one log message, filled in by the message readers. Ranges are positions in the message. `action` is a
 * short detail: `password`, `publickey`, a command.
 */
export class AuthMessage {
  text = ''
  /** One of EVENT_CODE. */
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

  /** Sets the user: from `start` to a space, bracket or comma, without a full stop at the end of the message. */
  userWord(start: number): void {
    let end = start
    for (; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end)
      if (code <= 0x20 || code === 0x28 || code === 0x2c) break
    }
    if (end > start && end === this.text.length && this.text.charCodeAt(end - 1) === 0x2e) end--
    this.user(start, end)
  }

  /** Sets the user: the text between the first `open` and the next `close`. */
  quotedUser(open: string, close: string): void {
    const at = this.text.indexOf(open)
    if (at < 0) return
    const end = this.text.indexOf(close, at + open.length)
    if (end >= 0) this.user(at + open.length, end)
  }

  /** Sets the address: from `start` to a space, without a colon, comma or full stop at its end. */
  ip(start: number): void {
    let end = endOfWord(this.text, start)
    const last = this.text.charCodeAt(end - 1)
    const punctuation = last === 0x3a || last === 0x2c || last === 0x2e
    // The colon at the end of `2001:db8::` is part of the address.
    if (end > start && punctuation && this.text.charCodeAt(end - 2) !== 0x3a) end--
    this.ipStart = start
    this.ipEnd = end
  }

  /** Converts positions in a part of `text`, which starts at `start`, to positions in `text`. */
  within(text: string, start: number): void {
    this.text = text
    this.userStart += start
    this.userEnd += start
    this.ipStart += start
    this.ipEnd += start
  }
}

/** Position of the space that ends the word at `start`, or the end of the text. */
export function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start)
  return end < 0 ? text.length : end
}
