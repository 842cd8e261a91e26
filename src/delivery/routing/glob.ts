export type Glob = (text: string) => boolean

/**
 * Matches a pattern of `*` (any text) and `?` (any one character), ignoring case. The time is at most pattern length
 * times text length: it uses no regular expression, so a hostile text cannot make it slow.
 */
export function glob(pattern: string): Glob {
  const p = pattern.toLowerCase()
  return (text) => matches(p, text.toLowerCase())
}

function matches(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      mark = t
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
