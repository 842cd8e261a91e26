/**
 * Sigma string values: text with the wildcards `*` and `?`, and the backslash escapes of the specification ("Escaping":
 * a backslash is literal unless it precedes `*`, `?` or another backslash).
 */

export const ANY = Symbol('*')
export const ONE = Symbol('?')
export type Part = string | typeof ANY | typeof ONE
export type Pattern = readonly Part[]

export function parsePattern(source: string): Pattern {
  const parts: Part[] = []
  let text = ''
  const flush = () => {
    if (text) parts.push(text)
    text = ''
  }
  for (let i = 0; i < source.length; i++) {
    const char = source[i]
    if (char === '\\' && (source[i + 1] === '*' || source[i + 1] === '?' || source[i + 1] === '\\')) {
      text += source[++i]
    } else if (char === '*' || char === '?') {
      flush()
      parts.push(char === '*' ? ANY : ONE)
    } else text += char
  }
  flush()
  return parts
}

/** The literal text of a pattern; undefined if it has a wildcard. */
export function literalOf(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return ''
  return pattern.length === 1 && typeof pattern[0] === 'string' ? pattern[0] : undefined
}

export type TextTest = (value: string) => boolean

/**
 * Compiles a pattern into a test of a whole value. Time is at most proportional to pattern length times value length.
 */
export function compilePattern(pattern: Pattern, cased: boolean): TextTest {
  const fold = (text: string) => (cased ? text : text.toLowerCase())
  const parts = pattern.map((part) => (typeof part === 'string' ? fold(part) : part))
  const first = parts[0]
  const last = parts[parts.length - 1]
  if (parts.length === 0) return (value) => value === ''
  if (parts.length === 1 && typeof first === 'string') return (value) => fold(value) === first
  if (parts.length === 1 && first === ANY) return () => true
  if (parts.length === 2 && first === ANY && typeof last === 'string') return (value) => fold(value).endsWith(last)
  if (parts.length === 2 && last === ANY && typeof first === 'string') return (value) => fold(value).startsWith(first)
  if (parts.length === 3 && first === ANY && last === ANY && typeof parts[1] === 'string') {
    const middle = parts[1]
    return (value) => fold(value).includes(middle)
  }
  const segments = splitAtStars(parts)
  return (value) => matchSegments(segments, fold(value))
}

/** The parts between stars as arrays of UTF-16 codes, with -1 for `?`. */
function splitAtStars(parts: readonly Part[]): Int32Array[] {
  const segments: number[][] = [[]]
  for (const part of parts) {
    if (part === ANY) segments.push([])
    else if (part === ONE) segments[segments.length - 1].push(-1)
    else for (let i = 0; i < (part as string).length; i++) segments.at(-1)!.push((part as string).charCodeAt(i))
  }
  return segments.map((units) => Int32Array.from(units))
}

function matchSegments(segments: readonly Int32Array[], value: string): boolean {
  const head = segments[0]
  const tail = segments[segments.length - 1]
  if (!fits(head, value, 0)) return false
  if (segments.length === 1) return value.length === head.length
  const end = value.length - tail.length
  let at = head.length
  if (end < at || !fits(tail, value, end)) return false
  for (let s = 1; s < segments.length - 1; s++) {
    const segment = segments[s]
    while (at + segment.length <= end && !fits(segment, value, at)) at++
    if (at + segment.length > end) return false
    at += segment.length
  }
  return true
}

function fits(segment: Int32Array, value: string, at: number): boolean {
  if (at + segment.length > value.length) return false
  for (let i = 0; i < segment.length; i++) {
    if (segment[i] >= 0 && segment[i] !== value.charCodeAt(at + i)) return false
  }
  return true
}
