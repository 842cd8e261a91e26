import type { Retry } from '#sink'

const MISCONFIGURED = new Set(['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

/** Every file error is a retry: it may end when an operator frees space or corrects permissions. */
export function classify(error: unknown): Retry {
  const code = (error as NodeJS.ErrnoException)?.code ?? 'unknown error'
  const reason = MISCONFIGURED.has(code) ? 'misconfigured' : 'server_error'
  return { kind: 'retry', reason, detail: `cannot write the file: ${code}` }
}
