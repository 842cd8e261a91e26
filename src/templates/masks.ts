import { mix } from '../core/slice-table.ts'
import type { TokenTable } from './token-table.ts'

/** Tokens of a message that are looked at; the rest is cut off. */
export const MAX_TOKENS = 96
/** Characters of a token that are looked at. */
const MAX_TOKEN = 200

const STAR = 0x2a
const OPEN = 0x28
const CLOSE = 0x29

// Kinds of characters, as bits.
const LOWER = 1
const UPPER = 2
const DIGIT = 4
const HEX_LETTER = 8
const DELIMITER = 16
const JOINER = 32
const BLANK = 64

const KIND = kinds()
const UNITS = new Set('B KB MB GB TB KiB MiB GiB kB ns us ms s sec secs seconds min'.split(' '))
const CALENDAR = new Set('Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '))

/**
 * Cuts a message into tokens and masks what is a value by its very form, in one pass and without a regular expression:
 * numbers, hexadecimal ids, dates and times, addresses, host names, URLs, file paths and sizes become `*`. One set of masks
 * serves all systems. `tokens[0, count)` are ids in the table; -1 where a token is new and may not be added.
 */
export class Tokenizer {
  readonly tokens = new Int32Array(MAX_TOKENS)
  count = 0
  readonly #table: TokenTable
  readonly #out = new Uint16Array(MAX_TOKEN * 2)
  #length = 0
  /** Whether the token before is a bare number, or one after an opening bracket. */
  #afterNumber = false
  #afterOpenNumber = false

  constructor(table: TokenTable) {
    this.#table = table
  }

  read(message: string, add: boolean): void {
    this.count = 0
    this.#afterNumber = false
    this.#afterOpenNumber = false
    for (let at = 0; at < message.length && this.count < MAX_TOKENS; ) {
      while (at < message.length && kindOf(message, at) === BLANK) at++
      let end = at
      while (end < message.length && kindOf(message, end) !== BLANK) end++
      if (end > at) this.#token(message, at, Math.min(end, at + MAX_TOKEN), add)
      at = end
    }
  }

  #token(text: string, start: number, end: number, add: boolean): void {
    if (this.#afterNumber && end - start <= 8 && this.#isUnit(text, start, end)) {
      // "4.1 KB" is one value; "(4.1 KB)" merely repeats the number before it.
      if (this.#afterOpenNumber && text.charCodeAt(end - 1) === CLOSE) this.count--
      this.#afterNumber = false
      return
    }
    this.#length = 0
    for (let at = start; at < end; ) {
      if ((kindOf(text, at) & DELIMITER) !== 0) {
        this.#emit(text.charCodeAt(at++))
        continue
      }
      let to = at + 1
      while (to < end && (kindOf(text, to) & DELIMITER) === 0) to++
      if (isLocator(text, at, to, end)) {
        this.#star()
        // The rest of a URL belongs to it, whatever delimiters it has.
        at = text.charCodeAt(to) === 0x3a && text.charCodeAt(to + 1) === 0x2f ? end : to
      } else {
        this.#piece(text, at, to)
        at = to
      }
    }
    this.#finish(add)
  }

  /** A run of characters without delimiters: words keep their letters, values in them are masked. */
  #piece(text: string, start: number, end: number): void {
    if (isHost(text, start, end) || (end - start === 3 && CALENDAR.has(text.slice(start, end)))) {
      this.#star()
      return
    }
    for (let at = start; at < end; ) {
      const kind = kindOf(text, at)
      if ((kind & (LOWER | UPPER | DIGIT)) === 0) {
        const sign = text.charCodeAt(at) === 0x2d || text.charCodeAt(at) === 0x2b
        if (!(sign && at + 1 < end && (kindOf(text, at + 1) & DIGIT) !== 0)) this.#emit(text.charCodeAt(at))
        at++
        continue
      }
      let to = at
      let seen = 0
      let every = LOWER | UPPER | DIGIT | HEX_LETTER
      let digits = 0
      for (; to < end; to++) {
        const next = kindOf(text, to)
        if ((next & (LOWER | UPPER | DIGIT)) === 0) break
        if ((next & DIGIT) !== 0) digits++
        seen |= next
        every &= next
      }
      this.#word(text, at, to, seen, every, digits)
      at = to
    }
  }

  #word(text: string, start: number, end: number, seen: number, every: number, digits: number): void {
    const isHex = end - start >= 4 && (every & HEX_LETTER) !== 0
    if (digits === 0) {
      for (let i = start; i < end; i++) this.#emit(text.charCodeAt(i))
    } else if (isHex || isPrefixedHex(text, start, end)) {
      this.#star()
    } else if (digits === 1 && end - start >= 4 && (seen & LOWER) === 0 && (kindOf(text, end - 1) & DIGIT) !== 0) {
      // SOCKS5, IPV6, SHA2: the name of a protocol, not a value.
      for (let i = start; i < end; i++) this.#emit(text.charCodeAt(i))
    } else {
      for (let i = start; i < end; i++) {
        if ((kindOf(text, i) & DIGIT) !== 0) this.#star()
        else this.#emit(text.charCodeAt(i))
      }
    }
  }

  #emit(code: number): void {
    this.#out[this.#length++] = code
  }

  /** A masked value; `*.*`, `*:*` and the like are one. */
  #star(): void {
    let at = this.#length
    while (at > 0 && this.#out[at - 1] < 128 && (KIND[this.#out[at - 1]] & JOINER) !== 0) at--
    if (at > 0 && this.#out[at - 1] === STAR) this.#length = at
    else this.#emit(STAR)
  }

  #finish(add: boolean): void {
    const out = this.#out
    let from = 0
    // "<1" is a number like any other.
    if (this.#length === 2 && out[0] === 0x3c && out[1] === STAR) from = 1
    let hash = 0x811c9dc5
    for (let i = from; i < this.#length; i++) hash = Math.imul(hash ^ out[i], 0x01000193)
    this.tokens[this.count++] = this.#table.intern(out, from, this.#length, mix(hash), add)
    this.#afterNumber = out[this.#length - 1] === STAR
    this.#afterOpenNumber = this.#length === 2 && out[0] === OPEN && out[1] === STAR
  }

  #isUnit(text: string, start: number, end: number): boolean {
    let to = end
    while (to > start && (kindOf(text, to - 1) & (LOWER | UPPER)) === 0) to--
    return UNITS.has(text.slice(start, to))
  }
}

/** URLs and absolute paths: `scheme://...`, `/a/b`, `~/a`, `C:\a`. */
function isLocator(text: string, start: number, end: number, tokenEnd: number): boolean {
  const first = text.charCodeAt(start)
  if (first === 0x2f || first === 0x7e) {
    let slashes = 0
    for (let i = start; i < end; i++) if (text.charCodeAt(i) === 0x2f) slashes++
    return slashes >= 2 || (slashes === 1 && first === 0x7e)
  }
  if (end + 1 >= tokenEnd || text.charCodeAt(end) !== 0x3a) return false
  const next = text.charCodeAt(end + 1)
  return (next === 0x2f && text.charCodeAt(end + 2) === 0x2f) || (next === 0x5c && end - start === 1)
}

/** A host or reverse-domain name in lower case with at least two dots. */
function isHost(text: string, start: number, end: number): boolean {
  let dots = 0
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      if (i === start || i + 1 === end || text.charCodeAt(i - 1) === 0x2e) return false
      dots++
    } else if (code !== 0x2d && (kindOf(text, i) & (LOWER | DIGIT)) === 0) return false
  }
  return dots >= 2
}

function isPrefixedHex(text: string, start: number, end: number): boolean {
  if (end - start < 3 || text.charCodeAt(start) !== 0x30 || (text.charCodeAt(start + 1) | 32) !== 0x78) return false
  for (let i = start + 2; i < end; i++) if ((kindOf(text, i) & HEX_LETTER) === 0) return false
  return true
}

function kindOf(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? KIND[code] : LOWER
}

function kinds(): Uint8Array {
  const table = new Uint8Array(128)
  for (let i = 0; i < 26; i++) {
    table[0x61 + i] = LOWER | (i < 6 ? HEX_LETTER : 0)
    table[0x41 + i] = UPPER | (i < 6 ? HEX_LETTER : 0)
  }
  for (let i = 0; i < 10; i++) table[0x30 + i] = DIGIT | HEX_LETTER
  for (const c of '=,:;|()[]{}<>"\'') table[c.charCodeAt(0)] |= DELIMITER
  for (const c of '.-_:/,+@#') table[c.charCodeAt(0)] |= JOINER
  table.fill(BLANK, 0, 0x21)
  table[0x7f] = BLANK
  return table
}
