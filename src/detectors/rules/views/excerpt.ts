/**
 * Web servers refuse request lines and headers beyond 8 KiB unless they are told otherwise (Apache's LimitRequestLine,
 * nginx's large_client_header_buffers), so what is longer reached no application. Rules judge it by its beginning and its
 * end, which bounds what a hostile line can cost.
 */
const HEAD = 8192
const TAIL = 2048

export const MAX_JUDGED = HEAD + TAIL

/** What rules see of a text: all of it, or beginning and end with an underscore between them. */
export function excerpt(text: string): string {
  if (text.length <= MAX_JUDGED) return text
  return `${text.slice(0, HEAD)}_${text.slice(-TAIL)}`
}
