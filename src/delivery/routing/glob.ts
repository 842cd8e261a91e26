export type Glob = (text: string) => boolean

/**
 * A pattern of `*` (any run) and `?` (any one character), case ignored, matched greedily with one point to return to:
 * time is at most pattern times text, with no expression that a hostile text could blow up.
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
