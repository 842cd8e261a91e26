import type { DeliveryOutcome } from '#sink'

const MISCONFIGURED = new Set(['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

/** Nothing about a file is final: an operator frees space or mends permissions, and the queue goes on. */
export function classify(error: unknown): DeliveryOutcome {
  const code = (error as NodeJS.ErrnoException)?.code ?? 'unknown error'
  const reason = MISCONFIGURED.has(code) ? 'misconfigured' : 'server_error'
  return { kind: 'retry', reason, detail: `writing failed: ${code}` }
}
