/** Text encoding of a file. */
export type Encoding = 'utf8' | 'utf16le' | 'utf16be'

export interface DetectedEncoding {
  readonly encoding: Encoding
  /** Length of the byte order mark. */
  readonly bom: number
}

/** Detects the encoding by the byte order mark. Without one, ASCII text in UTF-16 has a NUL as every other byte. */
export function detectEncoding(head: Buffer): DetectedEncoding {
  if (head.length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf8', bom: 3 }
  if (head.length >= 2 && head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf16le', bom: 2 }
  if (head.length >= 2 && head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf16be', bom: 2 }
  const sample = Math.min(head.length, 256) & ~1
  let even = 0
  let odd = 0
  for (let i = 0; i < sample; i += 2) {
    if (head[i] === 0) even++
    if (head[i + 1] === 0) odd++
  }
  if (sample >= 4 && even === 0 && odd * 2 === sample) return { encoding: 'utf16le', bom: 0 }
  if (sample >= 4 && odd === 0 && even * 2 === sample) return { encoding: 'utf16be', bom: 0 }
  return { encoding: 'utf8', bom: 0 }
}

/**
 * Decodes UTF-16 to UTF-8. An incomplete code unit or surrogate pair at the end is left for the next call; any other
 * lone surrogate becomes U+FFFD.
 */
export function decodeUtf16(raw: Buffer, encoding: 'utf16le' | 'utf16be'): Buffer {
  let end = raw.length & ~1
  const units = Buffer.from(raw.subarray(0, end))
  if (encoding === 'utf16be') units.swap16()
  if (end >= 2 && (units[end - 1] & 0xfc) === 0xd8) end -= 2
  return Buffer.from(units.toString('utf16le', 0, end), 'utf8')
}

/** Number of UTF-16 bytes that correspond to the first `length` bytes of UTF-8. */
export function utf16Length(utf8: Buffer, length: number): number {
  let units = 0
  for (let i = 0; i < length; i++) {
    const byte = utf8[i]
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1
  }
  return units * 2
}
