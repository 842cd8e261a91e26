/** Views of normalised text that undo the obfuscation of one kind of attack. All take linear time. */

/**
 * SQL: comments become a space, but the body of MySQL's version comments (`/*!50000`) stays; repeated spaces become
 * one.
 */
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
 * Shells: quotes, carets, backslashes and empty expansions are removed; `$IFS` and similar, and a plus that was encoded
 * twice, become a space; a brace list in command position (`;{cat,/etc/hosts}`) becomes the command.
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

/** Paths: dots and slashes as hexadecimal numbers (`0x2e0x2e0x2f`) become characters. */
export function decodeHexPath(text: string): string {
  if (!text.includes('0x')) return text
  return text.replace(/0x(2[ef]|5c)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** Paths: backslashes become slashes, empty and `.` segments are removed, and `x/..` is resolved. */
export function foldPath(text: string): string {
  const segments: string[] = []
  for (const segment of text.replaceAll('\\', '/').split('/')) {
    if (segment === '..' && segments.length > 0 && segments[segments.length - 1] !== '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}
