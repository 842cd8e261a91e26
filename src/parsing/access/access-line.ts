import { APACHE_TIME_LENGTH, ApacheTime } from '../time/apache-time.ts'
import { IsoTime } from '../time/iso-time.ts'
import {
  closingQuote,
  closingRequest,
  DASH,
  isDash,
  isDigit,
  isMethodByte,
  isProtocol,
  QUOTE,
  SPACE,
} from './access-bytes.ts'

const OPEN = 0x5b
const CLOSE = 0x5d

/**
 * Scans one line of Apache's Common, Combined or vhost_combined format (nginx's default is Combined) into byte offsets.
 * The fields hold the last scanned line; after a refused line, `reason` says why. One object scans all lines, so
 * nothing is allocated per line.
 *
 * An absent value (`-`) is an empty range.
 */
export class AccessLine {
  vhostStart = 0
  vhostEnd = 0
  clientStart = 0
  clientEnd = 0
  userStart = 0
  userEnd = 0
  methodStart = 0
  methodEnd = 0
  targetStart = 0
  targetEnd = 0
  protocolStart = 0
  protocolEnd = 0
  refererStart = 0
  refererEnd = 0
  agentStart = 0
  agentEnd = 0
  time = Number.NaN
  status = 0
  bytes = -1
  reason = ''
  readonly #apacheTime = new ApacheTime()
  readonly #isoTime = new IsoTime()

  /**
   * Scans bytes[from, to); `text` is `bytes` as latin1. If `truncated`, the line was cut, and a missing end is no
   * error. Returns false if the line is not an access log line.
   */
  scan(text: string, bytes: Buffer, from: number, to: number, vhost: boolean, truncated: boolean): boolean {
    const bracket = this.#identity(bytes, from, to, vhost)
    if (bracket < 0) return false
    let quote = this.#timestamp(bytes, from, bracket, to)
    if (quote < 0) quote = this.#laterTimestamp(bytes, from, bracket, to)
    if (quote < 0) return false
    this.status = 0
    this.bytes = -1
    this.refererStart = this.refererEnd = this.agentStart = this.agentEnd = 0
    let at = quote + 1
    const requestEnd = closingRequest(text, bytes, at, to)
    if (requestEnd < 0) {
      if (!truncated) return this.#refuse('the request has no closing quote', at - from)
      this.#request(bytes, at, to)
      return true
    }
    this.#request(bytes, at, requestEnd)
    at = this.#result(bytes, from, requestEnd + 2, to, truncated)
    if (at < 0) return false
    // Anything other than two quoted fields after the size is a custom extension of the Common format.
    if (at + 2 > to || bytes[at] !== SPACE || bytes[at + 1] !== QUOTE) return true
    return this.#tail(text, bytes, from, at + 2, to, truncated)
  }

  /** Reads virtual host, client, identity and user. Returns the position of the bracket that opens the time, or -1. */
  #identity(bytes: Buffer, from: number, to: number, vhost: boolean): number {
    this.vhostStart = this.vhostEnd = from
    let at = from
    while (at < to && bytes[at] !== SPACE) at++
    this.clientStart = from
    this.clientEnd = at
    if (at === from || at >= to) return this.#fail('no client address followed by a space', 0)
    let userStart = at + 1
    while (userStart < to && bytes[userStart] !== SPACE) userStart++
    userStart++
    // A user name may contain spaces: it ends before the bracket that opens the time.
    let bracket = userStart
    while (bracket < to && !(bytes[bracket] === OPEN && bytes[bracket - 1] === SPACE)) bracket++
    if (bracket >= to) return this.#fail('no "[" of a time after the client, identity and user', 0)
    // If the second word is `-`, it is the identity, and the words after it are a user name with spaces.
    if (vhost && !isDash(bytes, at + 1, userStart - 1)) {
      let second = userStart
      while (second < bracket && bytes[second] !== SPACE) second++
      if (second + 1 < bracket) {
        this.vhostEnd = this.clientEnd
        this.clientStart = this.vhostEnd + 1
        this.clientEnd = userStart - 1
        userStart = second + 1
      }
    }
    this.userStart = userStart
    this.userEnd = bracket - 1
    if (this.userEnd < userStart || (this.userEnd === userStart + 1 && bytes[userStart] === DASH)) {
      this.userEnd = userStart
    }
    return bracket
  }

  /**
   * Tries later brackets for the time. A client chooses its user name, and a bracket in the name must not hide its
   * request. Returns the same as `#timestamp`.
   */
  #laterTimestamp(bytes: Buffer, from: number, first: number, to: number): number {
    const reason = this.reason
    for (let bracket = first + 1; bracket < to; bracket++) {
      if (bytes[bracket] !== OPEN || bytes[bracket - 1] !== SPACE || !isDigit(bytes[bracket + 1])) continue
      const quote = this.#timestamp(bytes, from, bracket, to)
      if (quote < 0) continue
      this.userEnd = bracket - 1
      return quote
    }
    this.reason = reason
    return -1
  }

  /** Reads the time. Returns the position of the quote that opens the request, or -1. */
  #timestamp(bytes: Buffer, from: number, bracket: number, to: number): number {
    let close = bracket + 1 + APACHE_TIME_LENGTH
    if (close < to && bytes[close] === CLOSE) {
      this.time = this.#apacheTime.read(bytes, bracket + 1)
    } else {
      close = bracket + 1
      while (close < to && close < bracket + 64 && bytes[close] !== CLOSE) close++
      if (bytes[close] !== CLOSE || close >= to) return this.#fail('the time has no closing "]"', bracket - from)
      this.time = this.#isoTime.read(bytes.toString('latin1', bracket + 1, close))
    }
    if (Number.isNaN(this.time)) {
      return this.#fail('the time is not of the form [10/Oct/2000:13:55:36 +0000]', bracket - from)
    }
    if (close + 2 >= to || bytes[close + 1] !== SPACE || bytes[close + 2] !== QUOTE) {
      return this.#fail('no quoted request after the time', close + 1 - from)
    }
    return close + 2
  }

  /**
   * Reads method, target and protocol. Text that is not a request (a TLS hello on the plain port, a port scan) becomes
   * the target as a whole, without a method.
   */
  #request(bytes: Buffer, start: number, end: number): void {
    this.methodStart = this.methodEnd = start
    this.targetStart = start
    this.targetEnd = end
    this.protocolStart = this.protocolEnd = end
    if (end === start + 1 && bytes[start] === DASH) {
      this.targetEnd = start
      return
    }
    let methodEnd = start
    while (methodEnd < end && isMethodByte(bytes[methodEnd])) methodEnd++
    if (methodEnd === start || methodEnd >= end || bytes[methodEnd] !== SPACE) return
    let last = end - 1
    while (last > methodEnd && bytes[last] !== SPACE) last--
    const versioned = last > methodEnd && isProtocol(bytes, last + 1, end)
    const targetStart = methodEnd + 1
    if (!versioned && bytes[targetStart] !== 0x2f) return
    this.methodEnd = methodEnd
    this.targetStart = targetStart
    if (versioned) {
      this.targetEnd = last
      this.protocolStart = last + 1
    }
  }

  /** Reads status and size. Returns the position after them, or -1. */
  #result(bytes: Buffer, from: number, start: number, to: number, truncated: boolean): number {
    let at = start
    if (bytes[at] === DASH && at < to) {
      at++
    } else {
      let status = 0
      while (at < to && at < start + 3 && isDigit(bytes[at])) status = status * 10 + bytes[at++] - 0x30
      if (at !== start + 3)
        return truncated ? to : this.#fail('no status of three digits after the request', start - from)
      this.status = status
    }
    if (at >= to) return truncated ? to : this.#fail('no size after the status', at - from)
    if (bytes[at] !== SPACE) return this.#fail('the status is not followed by a space', at - from)
    at++
    if (at < to && bytes[at] === DASH) return at + 1
    const first = at
    let size = 0
    while (at < to && isDigit(bytes[at])) size = size * 10 + bytes[at++] - 0x30
    if (at === first) return truncated ? to : this.#fail('the size is neither a number nor "-"', at - from)
    this.bytes = size
    return at
  }

  /** Reads referer and user agent; anything after them is allowed. */
  #tail(text: string, bytes: Buffer, from: number, start: number, to: number, truncated: boolean): boolean {
    this.refererStart = start
    this.refererEnd = to
    const refererEnd = closingQuote(text, bytes, start, to)
    if (refererEnd < 0) return truncated || this.#refuse('the referer has no closing quote', start - from)
    this.refererEnd = isDash(bytes, start, refererEnd) ? start : refererEnd
    const agentStart = refererEnd + 3
    if (agentStart > to || bytes[refererEnd + 2] !== QUOTE) return true
    this.agentStart = agentStart
    this.agentEnd = to
    const agentEnd = closingQuote(text, bytes, agentStart, to)
    // A server that does not escape quotes may write a backslash before the last quote of the line.
    if (agentEnd < 0 && agentStart < to && bytes[to - 1] === QUOTE) {
      this.agentEnd = to - 1
      return true
    }
    if (agentEnd < 0) return truncated || this.#refuse('the user agent has no closing quote', agentStart - from)
    this.agentEnd = isDash(bytes, agentStart, agentEnd) ? agentStart : agentEnd
    return true
  }

  #refuse(reason: string, column: number): false {
    this.reason = `not an access log line: ${reason} (column ${column + 1})`
    return false
  }

  #fail(reason: string, column: number): -1 {
    this.#refuse(reason, column)
    return -1
  }
}
