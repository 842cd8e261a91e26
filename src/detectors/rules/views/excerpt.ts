/**
 * Web servers refuse request lines and headers beyond 8 KiB by default (Apache's LimitRequestLine, nginx's
 * large_client_header_buffers), so longer ones reach no application. Rules match only their beginning and end, which
 * bounds the cost of a hostile line.
 */
const HEAD = 8192
const TAIL = 2048

export const MAX_JUDGED = HEAD + TAIL

/** The part of a text that rules see: all of it, or its beginning and end joined by an underscore. */
export function excerpt(text: string): string {
  if (text.length <= MAX_JUDGED) return text
  return `${text.slice(0, HEAD)}_${text.slice(-TAIL)}`
}
