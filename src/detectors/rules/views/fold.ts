/** Views of normalised text in which one family of attacks cannot hide behind its own syntax. All take linear time. */

/** SQL: comments become a space, except that the body of MySQL's version comments (`/*!50000`) stays; runs of spaces become one. */
export function foldSql(text: string): string {
  let out = ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('/*', at)
    if (open < 0) break
    out += text.slice(at, open)
    if (text[open + 2] === '!') {
      at = open + 3
      while (at < open + 9 && text[at] >= '0' && text[at] <= '9') at++
      out += ' '
      continue
    }
    const close = text.indexOf('*/', open + 2)
    out += ' '
    at = close < 0 ? text.length : close + 2
  }
  return (out + text.slice(at)).replaceAll('*/', ' ').replace(/[ \n]+/g, ' ')
}

/**
 * Shells: quotes, carets, backslashes and what expands to nothing vanish; `$IFS` and its kin and a plus that was encoded
 * twice become a space; a list in braces where a command stands (`;{cat,/etc/hosts}`) becomes the command.
 */
export function foldShell(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/\$\{?ifs\}?(?:\$\d|%\?\?)?/g, ' ')
    .replace(
      /([;|&\n`(=] ?)\{([^{}\s]{1,200})\}/g,
      (_, before: string, list: string) => before + list.replaceAll(',', ' '),
    )
    .replace(/\$\( ?\)|\$[@*!?#_-]|\$\{[a-z]{0,3}\}|["'\\^`]/g, '')
    .replace(/ {2,}/g, ' ')
}

/** Paths: backslashes are slashes, empty and `.` segments vanish, and `x/..` is resolved where there is an x. */
export function foldPath(text: string): string {
  const segments: string[] = []
  for (const segment of text.replaceAll('\\', '/').split('/')) {
    if (segment === '..' && segments.length > 0 && segments[segments.length - 1] !== '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}
