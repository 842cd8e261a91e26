export const SPACE = 0x20
export const QUOTE = 0x22
export const DASH = 0x2d
const BACKSLASH = 0x5c

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** True if a range is the `-` that means an absent value. */
export function isDash(bytes: Buffer, start: number, end: number): boolean {
  return end === start + 1 && bytes[start] === DASH
}

/** Letters, `-` and `_`: covers every registered method, but not escaped binary data. */
export function isMethodByte(byte: number): boolean {
  const letter = byte | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || byte === DASH || byte === 0x5f
}

/** True if `HTTP/` starts at `at`. */
export function isProtocol(bytes: Buffer, at: number, end: number): boolean {
  return (
    at + 5 <= end &&
    (bytes[at] | 0x20) === 0x68 &&
    (bytes[at + 1] | 0x20) === 0x74 &&
    (bytes[at + 2] | 0x20) === 0x74 &&
    (bytes[at + 3] | 0x20) === 0x70 &&
    bytes[at + 4] === 0x2f
  )
}

/**
 * Position of the quote that ends the request: it is not escaped, and a status follows. Logs of servers that do not
 * escape quotes are also read correctly, unless the request imitates a status.
 */
export function closingRequest(text: string, bytes: Buffer, from: number, to: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && at < to) {
    const result = bytes[at + 1] === SPACE && (isDigit(bytes[at + 2]) || bytes[at + 2] === DASH)
    if ((result || at + 2 >= to) && !isEscaped(bytes, from, at)) return at
    at = text.indexOf('"', at + 1)
  }
  return -1
}

/**
 * Position of the quote that ends a field: it is not escaped, and a space or the end of the line follows. Searching the
 * text is several times faster than a loop over bytes. The search cannot run far past the line, because every line that
 * gets here contains a quote.
 */
export function closingQuote(text: string, bytes: Buffer, from: number, to: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && at < to) {
    if ((at + 1 === to || bytes[at + 1] === SPACE) && !isEscaped(bytes, from, at)) return at
    at = text.indexOf('"', at + 1)
  }
  return -1
}

/** True if an odd number of backslashes precedes the quote. */
function isEscaped(bytes: Buffer, from: number, quote: number): boolean {
  let at = quote
  while (at > from && bytes[at - 1] === BACKSLASH) at--
  return ((quote - at) & 1) === 1
}
