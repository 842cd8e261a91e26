/**
 * Classifies a segment of a URL path by its characters alone: a word of the application, or a value (id, hash, date,
 * slug, file name), which is replaced by a placeholder.
 */
const OTHER = 0
const LETTER = 1
const DIGIT = 2
const HEX_LETTER = 3
const DASH = 4
const DATE_MARK = 5
const UNSAFE = 6

const KIND = kinds()

/** Longest segment that counts as a word. */
const LONGEST_WORD = 32

/** Extensions of files that pages load. Only the extension matters, not the name. */
const ASSETS = new Set(
  (
    'png jpg jpeg gif webp avif svg ico bmp css js mjs map woff woff2 ttf otf eot mp3 mp4 webm ogg avi mov flv pdf doc docx ' +
    'xls xlsx ppt pptx odt zip gz tgz bz2 xz rar 7z tar jar deb rpm apk dmg iso exe msi csv txt xml rss atom'
  ).split(' '),
)

/** The placeholder for text[start, end); the empty string if the segment is a word. */
export function segmentShape(text: string, start: number, end: number, last: boolean): string {
  if (start === end) return ''
  if (last) {
    const dot = lastDot(text, start, end)
    if (dot > start) {
      const extension = text.slice(dot + 1, end).toLowerCase()
      if (ASSETS.has(extension)) return `<file>.${extension}`
      const stem = valueShape(text, start, dot)
      if (stem !== '' && isExtension(extension)) return `${stem}.${extension}`
      if (stem === '' && isExtension(extension)) return ''
    }
  }
  return valueShape(text, start, end)
}

function valueShape(text: string, start: number, end: number): string {
  const length = end - start
  let digits = 0
  let hexLetters = 0
  let letters = 0
  let dashes = 0
  let marks = 0
  let unsafe = 0
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    const kind = code < 128 ? KIND[code] : UNSAFE
    if (kind === DIGIT) digits++
    else if (kind === LETTER) letters++
    else if (kind === HEX_LETTER) hexLetters++
    else if (kind === DASH) dashes++
    else if (kind === DATE_MARK) marks++
    else if (kind === UNSAFE) unsafe++
  }
  if (unsafe > 0) return '<odd>'
  const others = length - digits - letters - hexLetters - dashes - marks
  if (digits === length) return '<num>'
  if (digits > 0 && digits + dashes + marks === length) return digits >= 6 && dashes === 2 ? '<date>' : '<num>'
  if (length === 36 && dashes === 4 && digits + hexLetters === 32) return '<uuid>'
  if (length >= 8 && digits > 0 && digits + hexLetters === length) return '<hex>'
  if (digits >= 4 && digits * 3 >= length) return '<id>'
  if (length > LONGEST_WORD) return '<long>'
  if (dashes >= 2 && others === 0) return '<slug>'
  return ''
}

function lastDot(text: string, start: number, end: number): number {
  for (let i = end - 2; i > start && i >= end - 9; i--) if (text.charCodeAt(i) === 0x2e) return i
  return -1
}

function isExtension(text: string): boolean {
  if (text.length > 5) return false
  let letters = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const kind = code < 128 ? KIND[code] : UNSAFE
    if (kind === LETTER || kind === HEX_LETTER) letters++
    else if (kind !== DIGIT) return false
  }
  return letters > 0
}

function kinds(): Uint8Array {
  const table = new Uint8Array(128).fill(UNSAFE)
  for (const character of "~!$&()*+,;=@'") table[character.charCodeAt(0)] = OTHER
  for (let i = 0; i < 26; i++) {
    table[0x61 + i] = i < 6 ? HEX_LETTER : LETTER
    table[0x41 + i] = i < 6 ? HEX_LETTER : LETTER
  }
  for (let i = 0; i < 10; i++) table[0x30 + i] = DIGIT
  table[0x2d] = DASH
  table[0x5f] = DASH
  table[0x2e] = DATE_MARK
  table[0x3a] = DATE_MARK
  return table
}
