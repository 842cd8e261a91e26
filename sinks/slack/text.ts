/**
 * Escapes untrusted text from logs. The result cannot ping a channel, create a link, end a code block or hide
 * characters.
 */

/** Control characters, invisible characters and those that change the direction of text. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

/** For `plain_text` and rich text, which Slack shows literally: bounded, with hidden characters shown as U+FFFD. */
export function plain(text: string, limit: number): string {
  return cut(
    text
      .slice(0, limit * 2)
      .replace(HIDDEN, '\ufffd')
      .replace(/[\t\n]+/g, ' '),
    limit,
  )
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Escapes `&`, `<` and `>`, for the fallback text of notifications. */
export function escaped(text: string, limit: number): string {
  return cut(plain(text, limit), Math.floor(limit / 5)).replace(/[&<>]/g, (c) => ESCAPES[c])
}

/** Cuts to `limit` UTF-16 units without splitting a surrogate pair. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const end = limit - 1
  const half = /[\ud800-\udbff]/.test(text.charAt(end - 1))
  return `${text.slice(0, half ? end - 1 : end)}…`
}
