import type { SourceFile } from '../../core/columns/block.ts'
import { IsoTime } from '../time/iso-time.ts'
import { SyslogTime } from '../time/syslog-time.ts'

/** Longest host or program name, so that a line without one is not scanned completely. */
const NAME_LIMIT = 256

/**
 * Reads the header of a syslog line into text offsets: RFC 5424, RFC 3164, and RFC 3164 with an ISO timestamp (the
 * rsyslog default today), each with or without `<PRI>`. The fields hold the last line.
 */
export class SyslogHeader {
  time = Number.NaN
  hostStart = 0
  hostEnd = 0
  programStart = 0
  programEnd = 0
  messageStart = 0
  reason = ''
  readonly #iso = new IsoTime()
  readonly #bsd = new SyslogTime()

  /** Reads text[from, to). Returns false if it has no syslog header; then `reason` says what is missing. */
  read(text: string, from: number, to: number, source: SourceFile): boolean {
    let at = afterPriority(text, from)
    this.hostStart = this.hostEnd = this.programStart = this.programEnd = at
    if (at > from && text.charCodeAt(at) === 0x31 && text.charCodeAt(at + 1) === 0x20) {
      return this.#rfc5424(text, at + 2, to)
    }
    const first = text.charCodeAt(at)
    if (first >= 0x30 && first <= 0x39) {
      this.time = this.#iso.readAt(text, at)
      // A space instead of the T is used by applications, not by syslog.
      if (this.#iso.end < at + 16 || (text.charCodeAt(at + 10) | 0x20) !== 0x74)
        return this.#refuse('no time at its start')
      at = this.#iso.end
    } else {
      this.time = this.#bsd.readAt(text, at, source)
      at = this.#bsd.end
    }
    if (Number.isNaN(this.time) || at > to)
      return this.#refuse('no time such as "Mar  7 06:25:24" or ISO 8601 at its start')
    if (text.charCodeAt(at) !== 0x20 || at + 1 >= to) return this.#refuse('nothing after the time')
    at = skipSpaces(text, at, to)
    const hostEnd = endOfWord(text, at, to)
    if (hostEnd < 0) return this.#refuse('no host name after the time')
    this.hostStart = at
    this.hostEnd = hostEnd
    this.#tag(text, Math.min(hostEnd + 1, to), to)
    return true
  }

  /** Reads the tag of `program[pid]: message`; without a tag, the whole text is the message. */
  #tag(text: string, from: number, to: number): void {
    const at = skipSpaces(text, from, to)
    this.messageStart = at
    const limit = Math.min(to, at + NAME_LIMIT)
    let end = at
    for (; end < limit; end++) {
      const code = text.charCodeAt(end)
      if (code <= 0x20 || code === 0x3a || code === 0x5b || code === 0x28) break
    }
    let colon = end
    // Old PAM versions write `sshd(pam_unix)[123]:`; the parentheses name the module, not the program.
    while (colon < limit && text.charCodeAt(colon) !== 0x3a && text.charCodeAt(colon) !== 0x20) colon++
    if (end === at || colon >= limit || text.charCodeAt(colon) !== 0x3a) return
    this.programStart = at
    this.programEnd = end
    this.messageStart = skipSpaces(text, colon + 1, to)
  }

  #rfc5424(text: string, from: number, to: number): boolean {
    let at = from
    if (text.charCodeAt(at) === 0x2d) {
      this.time = Number.NaN
      at++
    } else {
      this.time = this.#iso.readAt(text, at)
      if (Number.isNaN(this.time)) return this.#refuse('no ISO 8601 time after the version')
      at = this.#iso.end
    }
    // Host, program, process id and message id; each is `-` if absent.
    for (let field = 0; field < 4; field++) {
      if (at >= to || text.charCodeAt(at) !== 0x20)
        return this.#refuse('fewer than the seven fields of an RFC 5424 header')
      const start = at + 1
      const end = endOfWord(text, start, to)
      if (end < 0) return this.#refuse('fewer than the seven fields of an RFC 5424 header')
      const present = end > start + 1 || text.charCodeAt(start) !== 0x2d
      if (field === 0 && present) {
        this.hostStart = start
        this.hostEnd = end
      } else if (field === 1 && present) {
        this.programStart = start
        this.programEnd = end
      }
      at = end
    }
    at = afterStructuredData(text, Math.min(at + 1, to), to)
    if (at < 0) return this.#refuse('the structured data of its header does not end')
    this.messageStart = skipSpaces(text, at, to)
    if (text.startsWith('\u00ef\u00bb\u00bf', this.messageStart))
      this.messageStart = Math.min(to, this.messageStart + 3)
    return true
  }

  #refuse(reason: string): false {
    this.reason = `not a syslog line: ${reason}`
    return false
  }
}

/** Position after `<0>` to `<191>`; `at` if there is no priority. */
function afterPriority(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x3c) return at
  for (let i = at + 1; i < at + 5; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x3e && i > at + 1) return i + 1
    if (!(code >= 0x30 && code <= 0x39)) return at
  }
  return at
}

function skipSpaces(text: string, at: number, to: number): number {
  let i = at
  while (i < to && text.charCodeAt(i) === 0x20) i++
  return i
}

/**
 * Position of the space that ends the word at `at`, or the end of the line; -1 if there is no word or it is too long.
 */
function endOfWord(text: string, at: number, to: number): number {
  const limit = Math.min(to, at + NAME_LIMIT)
  let i = at
  while (i < limit && text.charCodeAt(i) > 0x20) i++
  if (i === at || (i < to && text.charCodeAt(i) !== 0x20)) return -1
  return i
}

/**
 * Position after `-` or `[id name="value"]...`, where `\` escapes `"`, `\` and `]` in a value; -1 if it does not end.
 */
function afterStructuredData(text: string, from: number, to: number): number {
  if (from >= to) return to
  if (text.charCodeAt(from) !== 0x5b) return text.charCodeAt(from) === 0x2d ? from + 1 : from
  let at = from
  let quoted = false
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x5d && text.charCodeAt(at + 1) !== 0x5b) return at + 1
  }
  return -1
}
