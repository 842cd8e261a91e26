import type { Socket } from 'node:net'
import { PROBLEMS, type ProblemCode } from './problem.ts'

const CODES: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'TOO_SLOW',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
}

/** Answers bytes that are no whole HTTP request. There is no request yet, so the answer is written as bytes too. */
export function refuseUnread(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed || error.code === 'ECONNRESET') return
  const code = CODES[error.code ?? ''] ?? 'INVALID_REQUEST'
  const { status, title, remedy } = PROBLEMS[code]
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail: remedy, instance: '' })
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy(error)
}
