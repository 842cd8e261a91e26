import { FNV_PRIME, FNV_START, type TokenTable } from './token-table.ts'

/** Most tokens of a message; the rest is ignored. */
export const MAX_TOKENS = 96
/** Most characters of a token; the rest is ignored. */
const MAX_TOKEN = 200

/** The token `*` of a masked value, which every table contains. */
const STAR_TOKEN = 0
const STAR = 0x2a
const OPEN = 0x28
const CLOSE = 0x29

// Character kinds, as bit flags.
const LOWER = 1
const UPPER = 2
const DIGIT = 4
const HEX_LETTER = 8
const DELIMITER = 16
const JOINER = 32
const BLANK = 64
/** Dots and slashes, which appear in host names and paths. */
const PATH_MARK = 128
const OTHER = 256

/** A token of only these kinds has nothing to mask: no digits, dots, slashes or delimiters. */
const PLAIN = LOWER | UPPER | HEX_LETTER | JOINER | OTHER
/** Kinds in numbers, dates, times and addresses: digits and the characters that join them. */
const NUMERIC = DIGIT | HEX_LETTER | JOINER | PATH_MARK

const KIND = kinds()
const UNITS = new Set('B KB MB GB TB KiB MiB GiB kB ns us ms s sec secs seconds min'.split(' '))
const CALENDAR = new Set('Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '))

/**
 * Splits a message into tokens and masks values by their form, in one pass without regular expressions: numbers,
 * hexadecimal ids, dates and times, addresses, host names, URLs, file paths and sizes become `*`. One set of masks
 * serves all systems. `tokens[0, count)` are ids in the table; -1 means that a token is new and was not added.
 */
export class Tokenizer {
  readonly tokens = new Int32Array(MAX_TOKENS)
  count = 0
  readonly #table: TokenTable
  readonly #out = new Uint16Array(MAX_TOKEN * 2)
  #length = 0
  /** True if the previous token is a bare number, or a number after an opening bracket. */
  #afterNumber = false
  #afterOpenNumber = false

  constructor(table: TokenTable) {
    this.#table = table
    table.internText('*')
  }

  read(message: string, add: boolean): void {
    this.count = 0
    this.#afterNumber = false
    this.#afterOpenNumber = false
    const length = message.length
    for (let at = 0; at < length && this.count < MAX_TOKENS; ) {
      // Most tokens are plain words or numbers; one pass over the characters detects them.
      let hash = FNV_START
      let seen = 0
      let end = at
      for (; end < length; end++) {
        const code = message.charCodeAt(end)
        const kind = code < 128 ? KIND[code] : LOWER
        if (kind === BLANK) break
        seen |= kind
        hash = Math.imul(hash ^ code, FNV_PRIME)
      }
      if (end > at) this.#read(message, at, end, seen, hash, add)
      at = end + 1
    }
  }

  #read(text: string, start: number, end: number, seen: number, hash: number, add: boolean): void {
    const isShort = end - start <= MAX_TOKEN
    if (isShort && !this.#afterNumber && (seen & PLAIN) === seen && !isCalendar(text, start, end)) {
      this.tokens[this.count++] = this.#table.internSlice(text, start, end, hash, add)
      this.#afterOpenNumber = false
      return
    }
    if (isShort && (seen & ~HEX_LETTER) === DIGIT) {
      this.tokens[this.count++] = STAR_TOKEN
      this.#afterNumber = true
      this.#afterOpenNumber = false
      return
    }
    this.#token(text, start, isShort ? end : start + MAX_TOKEN, add)
  }

  #token(text: string, start: number, end: number, add: boolean): void {
    if (this.#afterNumber && end - start <= 8 && this.#isUnit(text, start, end)) {
      // "4.1 KB" is one value; "(4.1 KB)" repeats the number before it.
      if (this.#afterOpenNumber && text.charCodeAt(end - 1) === CLOSE) this.count--
      this.#afterNumber = false
      return
    }
    this.#length = 0
    for (let at = start; at < end; ) {
      const code = text.charCodeAt(at)
      if (code < 128 && (KIND[code] & DELIMITER) !== 0) {
        this.#out[this.#length++] = code
        at++
        continue
      }
      let to = at
      let seen = 0
      for (; to < end; to++) {
        const kind = kindOf(text, to)
        if ((kind & DELIMITER) !== 0) break
        seen |= kind
      }
      if (isLocator(text, at, to, end, code)) {
        this.#star()
        // The rest of the token belongs to the URL, including any delimiters.
        at = text.charCodeAt(to) === 0x3a && text.charCodeAt(to + 1) === 0x2f ? end : to
        continue
      }
      if ((seen & DIGIT) === 0 && (seen & PATH_MARK) === 0 && !isCalendar(text, at, to)) this.#copy(text, at, to)
      else if ((seen & NUMERIC) === seen) this.#number(text, at, to)
      else this.#piece(text, at, to)
      at = to
    }
    this.#finish(add)
  }

  #copy(text: string, start: number, end: number): void {
    for (let i = start; i < end; i++) this.#out[this.#length++] = text.charCodeAt(i)
  }

  /** Masks digits and the joiners between them. Characters before and after stay, except a sign. */
  #number(text: string, start: number, end: number): void {
    let from = start
    while (from < end && (kindOf(text, from) & DIGIT) === 0) from++
    let to = end
    while (to > from && (kindOf(text, to - 1) & DIGIT) === 0) to--
    const before = from > start ? text.charCodeAt(from - 1) : 0
    this.#copy(text, start, before === 0x2d || before === 0x2b ? from - 1 : from)
    if (to > from) this.#star()
    this.#copy(text, to, end)
  }

  /** Reads characters without delimiters: letters of words stay, values in them are masked. */
  #piece(text: string, start: number, end: number): void {
    if (isHost(text, start, end) || isCalendar(text, start, end)) {
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
      // SOCKS5, IPV6, SHA2: a protocol name, not a value.
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

  /** Emits a masked value. Joined values such as `*.*` and `*:*` become one. */
  #star(): void {
    let at = this.#length
    while (at > 0 && this.#out[at - 1] < 128 && (KIND[this.#out[at - 1]] & JOINER) !== 0) at--
    if (at > 0 && this.#out[at - 1] === STAR) this.#length = at
    else this.#emit(STAR)
  }

  #finish(add: boolean): void {
    const out = this.#out
    let from = 0
    // "<1" is masked like any other number.
    if (this.#length === 2 && out[0] === 0x3c && out[1] === STAR) from = 1
    let hash = FNV_START
    for (let i = from; i < this.#length; i++) hash = Math.imul(hash ^ out[i], FNV_PRIME)
    this.tokens[this.count++] = this.#table.intern(out, from, this.#length, hash, add)
    this.#afterNumber = out[this.#length - 1] === STAR
    this.#afterOpenNumber = this.#length === 2 && out[0] === OPEN && out[1] === STAR
  }

  #isUnit(text: string, start: number, end: number): boolean {
    let to = end
    while (to > start && (kindOf(text, to - 1) & (LOWER | UPPER)) === 0) to--
    return UNITS.has(text.slice(start, to))
  }
}

/** True for URLs and absolute paths: `scheme://...`, `/a/b`, `~/a`, `C:\a`. */
function isLocator(text: string, start: number, end: number, tokenEnd: number, first: number): boolean {
  if (first === 0x2f || first === 0x7e) {
    let slashes = 0
    for (let i = start; i < end; i++) if (text.charCodeAt(i) === 0x2f) slashes++
    return slashes >= 2 || (slashes === 1 && first === 0x7e)
  }
  if (end + 1 >= tokenEnd || text.charCodeAt(end) !== 0x3a) return false
  const next = text.charCodeAt(end + 1)
  return (next === 0x2f && text.charCodeAt(end + 2) === 0x2f) || (next === 0x5c && end - start === 1)
}

/** True for a host or reverse-domain name in lower case with at least two dots. */
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

function isCalendar(text: string, start: number, end: number): boolean {
  return end - start === 3 && (kindOf(text, start) & UPPER) !== 0 && CALENDAR.has(text.slice(start, end))
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

function kinds(): Uint16Array {
  const table = new Uint16Array(128).fill(OTHER)
  for (let i = 0; i < 26; i++) {
    table[0x61 + i] = LOWER | (i < 6 ? HEX_LETTER : 0)
    table[0x41 + i] = UPPER | (i < 6 ? HEX_LETTER : 0)
  }
  for (let i = 0; i < 10; i++) table[0x30 + i] = DIGIT | HEX_LETTER
  for (const c of '=,:;|()[]{}<>"\'') table[c.charCodeAt(0)] = DELIMITER
  for (const c of '.-_:/,+@#') table[c.charCodeAt(0)] = JOINER | (DELIMITER & table[c.charCodeAt(0)])
  for (const c of './~') table[c.charCodeAt(0)] |= PATH_MARK
  table.fill(BLANK, 0, 0x21)
  table[0x7f] = BLANK
  return table
}
