/** The value-encoding modifiers of the specification: base64, base64offset, utf16 and windash. */

/** The bytes of a text in UTF-16, one character per byte. */
export function utf16Bytes(text: string, variant: 'utf16' | 'utf16le' | 'utf16be'): string {
  const bytes = Buffer.from(text, 'utf16le')
  if (variant === 'utf16be') bytes.swap16()
  const body = bytes.toString('latin1')
  return variant === 'utf16' ? `\xff\xfe${body}` : body
}

/** Encodes bytes in base64. */
export function base64(bytes: Buffer): string {
  return bytes.toString('base64')
}

/** The three encodings of a text inside the base64 of a longer text, by its offset modulo three. */
export function base64Offsets(bytes: Buffer): readonly string[] {
  const start = [0, 2, 3]
  const end = [undefined, -3, -2]
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset, 0x20), bytes])
    return padded.toString('base64').slice(start[offset], end[padded.length % 3])
  })
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015']
const MAX_DASHED = 3125

/**
 * All variants of a Windows command line, with every dash or slash before an option replaced by each dash that Windows
 * accepts.
 */
export function windash(text: string): readonly string[] {
  const pieces = text.split(/\B[-/\u2013\u2014\u2015]\b/)
  if (DASHES.length ** (pieces.length - 1) > MAX_DASHED) throw new Error(`"${text}" has too many dashes for windash`)
  return pieces
    .slice(1)
    .reduce<string[]>((made, piece) => made.flatMap((head) => DASHES.map((dash) => head + dash + piece)), [pieces[0]])
}
