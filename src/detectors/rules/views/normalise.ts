/**
 * Decodes the encodings in which attackers hide payloads and that servers decode: URL encoding until stable, `%u`, `\u`
 * and `\x` escapes, HTML entities, overlong UTF-8, characters that look like ASCII, NUL bytes, case, and white space, of
 * which only the line break is preserved.
 *
 * A single pass writes to a buffer and looks back a bounded distance after each byte; a decoded byte may complete
 * another encoding, which is decoded in turn. Each decoding shortens the output, so the time is linear at any nesting
 * depth.
 */
export function normalise(text: string, start: number, end: number, plusFrom: number): string {
  const out = bufferFor(end - start)
  let length = 0
  let entity = -1
  /** Where an entity ended without a semicolon; an encoded one may follow. */
  let ended = -1
  for (let i = start; i < end; i++) {
    let code = text.charCodeAt(i) & 0xff
    if (code === PLUS && i >= plusFrom) code = SPACE
    else if (code >= 65 && code <= 90) code += 32
    if (entity >= 0 && code !== SEMICOLON && hex(code) < 0 && !(code === LETTER_X && length === entity + 2)) {
      length = decodeEntity(out, entity, length)
      ended = length
      entity = -1
    }
    length = push(out, length, code)
    if (length === 0) continue
    const last = out[length - 1]
    if (last === SEMICOLON && length - 1 === ended) length = ended
    else if (last === HASH && out[length - 2] === AMPERSAND) entity = length - 2
    else if (last === SEMICOLON) {
      length = entity >= 0 && entity < length ? decodeEntity(out, entity, length) : decodeNamed(out, length)
      entity = -1
    }
  }
  if (entity >= 0) length = decodeEntity(out, entity, length)
  return out.toString('latin1', 0, length)
}

const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const HASH = 0x23
const AMPERSAND = 0x26
const SEMICOLON = 0x3b
const BACKSLASH = 0x5c
const DOT = 0x2e
const SLASH = 0x2f
const LETTER_U = 0x75
const LETTER_X = 0x78

let scratch = Buffer.allocUnsafe(8192)

function bufferFor(size: number): Buffer {
  if (scratch.length < size + 8) scratch = Buffer.allocUnsafe(size * 2)
  return scratch
}

/** Appends one byte and decodes the sequences that it completes. Returns the new length. */
function push(out: Buffer, length: number, byte: number): number {
  let code = byte
  let at = length
  for (;;) {
    if (code === 0) return at
    if (code >= 65 && code <= 90) code += 32
    if (code === CARRIAGE_RETURN) code = LINE_FEED
    else if (code >= 9 && code <= 13 && code !== LINE_FEED) code = SPACE
    if (code >= 0x80 || (at > 0 && out[at - 1] >= 0xc0 && out[at - 1] <= 0xc1)) {
      const folded = code >= 0x80 ? foldHigh(out, at, code) : foldLoose(out[at - 1], code)
      if (folded >= 0) {
        at -= folded >>> 8
        code = folded & 0xff
        continue
      }
    }
    out[at++] = code
    const low = hex(code)
    if (low < 0 || at < 3) return at
    const high = hex(out[at - 2])
    if (high < 0) return at
    if (out[at - 3] === PERCENT || (out[at - 3] === LETTER_X && at >= 4 && out[at - 4] === BACKSLASH)) {
      at -= out[at - 3] === PERCENT ? 3 : 4
      code = high * 16 + low
      continue
    }
    const wide = at >= 6 && out[at - 5] === LETTER_U ? wideEscape(out, at) : -1
    if (wide < 0) return at
    at -= 6
    code = wide
  }
}

/** The byte for a `%uXXXX` or `\uXXXX` at the end of the output, `?` if there is none; -1 if it is not an escape. */
function wideEscape(out: Buffer, at: number): number {
  const lead = out[at - 6]
  if (lead !== PERCENT && lead !== BACKSLASH) return -1
  const a = hex(out[at - 4])
  const b = hex(out[at - 3])
  if (a < 0 || b < 0) return -1
  return narrow((a << 12) | (b << 8) | (hex(out[at - 2]) << 4) | hex(out[at - 1]))
}

/** A code point as its ASCII equivalent (full-width forms, look-alikes, typographic quotes), else `?`. */
function narrow(point: number): number {
  if (point < 0x100) return point
  if (point === 0x2018 || point === 0x2019 || point === 0x02b9 || point === 0x02bc) return 0x27
  const alike = lookAlike(point)
  return alike < 0 ? 0x3f : alike
}

/**
 * The ASCII character that servers make of a full-width form or of another form of dot and slash; -1 if there is none.
 * The last two lines are private code points that old Windows servers map to a slash.
 */
function lookAlike(point: number): number {
  if (point >= 0xff01 && point <= 0xff5e) return point - 0xfee0
  switch (point) {
    case 0x2024:
    case 0xfe52:
      return DOT
    case 0x2044:
    case 0x2215:
    case 0x29f8:
    case 0xf025:
    case 0xefc8:
      return SLASH
    case 0x2216:
    case 0x29f5:
    case 0xfe68:
      return BACKSLASH
    default:
      return -1
  }
}

/** The first byte of an overlong character, by the number of bytes between it and the last. */
const OVERLONG_LEAD = [-1, 0xe0, 0xf0, 0xf8, 0xfc]

/**
 * Decodes an overlong or look-alike UTF-8 character that `code` completes, and no-break spaces. Returns (bytes to
 * remove << 8) | byte; -1 if there is none.
 */
function foldHigh(out: Buffer, at: number, code: number): number {
  const one = at >= 1 ? out[at - 1] : 0
  if (one === 0xc0 || one === 0xc1) return (1 << 8) | (((one & 1) << 6) | (code & 0x3f))
  if (code === 0xa0 && one === 0xc2) return (1 << 8) | SPACE
  if (code === 0xa0 && one < 0x80) return SPACE
  if (code > 0xbf || one < 0x80 || one > 0xbf) return -1
  if (one <= 0x81) {
    let between = 1
    while (between < 4 && between < at && out[at - between - 1] === 0x80) between++
    const lead = at - between - 1
    if (lead >= 0 && out[lead] === OVERLONG_LEAD[between]) {
      return ((between + 1) << 8) | (((one & 1) << 6) | (code & 0x3f))
    }
  }
  const two = at >= 2 ? out[at - 2] : 0
  if (two !== 0xe2 && two !== 0xef) return -1
  const alike = lookAlike(((two & 0xf) << 12) | ((one & 0x3f) << 6) | (code & 0x3f))
  return alike < 0 ? -1 : (2 << 8) | alike
}

/**
 * A dot or slash from an overlong character whose second byte is out of range (`%c1%1c`), which old servers decode by
 * its low bits.
 */
function foldLoose(lead: number, code: number): number {
  const low = ((lead & 1) << 6) | (code & 0x3f)
  if (lead === 0xc0 && (code === DOT || code === SLASH)) return (1 << 8) | low
  if (lead === 0xc1 && (code === 0x1c || code === BACKSLASH)) return (1 << 8) | low
  return -1
}

const NAMED: Readonly<Record<string, number>> = {
  lt: 0x3c,
  gt: 0x3e,
  quot: 0x22,
  apos: 0x27,
  amp: AMPERSAND,
  lpar: 0x28,
  rpar: 0x29,
  colon: 0x3a,
  sol: 0x2f,
  tab: SPACE,
  newline: SPACE,
  nbsp: SPACE,
}

function decodeNamed(out: Buffer, length: number): number {
  for (let back = 3; back <= 9 && back <= length; back++) {
    if (out[length - back] !== AMPERSAND) continue
    const name = out.toString('latin1', length - back + 1, length - 1)
    return Object.hasOwn(NAMED, name) ? push(out, length - back, NAMED[name]) : length
  }
  return length
}

/** Decodes a numeric entity from `&` at `from` to the end of the output, with or without its semicolon. */
function decodeEntity(out: Buffer, from: number, length: number): number {
  const digits = out.toString('latin1', from + 2, length).replace(/;$/, '')
  const point = digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10)
  if (digits.length > 8 || Number.isNaN(point)) return length
  return push(out, from, narrow(point))
}

function hex(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  return -1
}
