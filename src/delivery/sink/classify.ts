import type { FailureReason } from '../../core/documents/failure.ts'
import type { OutdatedCertificate } from './receiver-certificate.ts'

// Maps an HTTP status, a header or a system error to a failure reason. All HTTP sinks share these functions.

/** Longest wait that a receiver may ask for, so that a broken header cannot stop a queue for ever. */
export const MAX_RETRY_AFTER_MS = 3_600_000

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), in ms from `now`. Undefined if it is neither. */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim()
  if (!text) return undefined
  const seconds = /^\d{1,9}(\.\d{1,3})?$/.test(text)
  if (!seconds && !/^[A-Z][a-z]{2,8},? /.test(text)) return undefined
  const ms = seconds ? Number(text) * 1000 : Date.parse(text) - now
  if (!Number.isFinite(ms)) return undefined
  return Math.min(Math.max(Math.ceil(ms), 0), MAX_RETRY_AFTER_MS)
}

/** The failure reason for an HTTP status outside 2xx, unless the receiver's own protocol is more specific. */
export function reasonOfStatus(status: number): FailureReason {
  if (status === 429) return 'rate_limited'
  if (status === 401 || status === 403 || status === 407) return 'unauthorized'
  if (status === 408) return 'timeout'
  if (status === 413 || status === 431) return 'too_large'
  if (status >= 500) return 'server_error'
  if (status >= 300 && status < 400) return 'misconfigured'
  if (status === 404 || status === 405 || status === 410) return 'misconfigured'
  return 'invalid_event'
}

const TIMEOUT_CODES = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ECONNABORTED', 'ERR_CANCELED', 'ABORT_ERR'])
const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/

/** The reason for a request without a response, and a short text without addresses or headers. */
export function reasonOfSystemError(error: unknown): { reason: FailureReason; detail: string } {
  const code = codeOf(error)
  const name = error instanceof Error ? error.name : ''
  if (TIMEOUT_CODES.has(code) || name === 'TimeoutError' || name === 'AbortError') {
    return { reason: 'timeout', detail: 'no answer within the time limit' }
  }
  if (TLS_CODES.test(code)) {
    return { reason: 'misconfigured', detail: `TLS: ${code}. ${tlsAdvice(code, error)}` }
  }
  if (code === 'EPRIVATEADDRESS') {
    return {
      reason: 'misconfigured',
      detail: 'the receiver has a private address; set allow_private: true if you want that',
    }
  }
  return { reason: 'network', detail: code === '' ? 'the connection failed' : `the connection failed: ${code}` }
}

/** What is wrong with a certificate, and what to do. */
function tlsAdvice(code: string, error: unknown): string {
  const { certificate } = error as { certificate?: OutdatedCertificate }
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `${nameOf(certificate)} expired${certificate ? ` on ${certificate.to}` : ''}; renew it on the receiver`
    case 'CERT_NOT_YET_VALID':
      return `${nameOf(certificate)} is not valid ${certificate ? `before ${certificate.from}` : 'yet'}; check the clocks`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return "The receiver's certificate is self-signed; set ca_file to that certificate, or have an authority sign it"
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return "A private authority signed the receiver's certificate; set ca_file to the certificate of that authority"
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return "The receiver's certificate is for another host name; use a name that it contains in the url, or renew it"
    case 'CERT_REVOKED':
      return "The receiver's certificate was revoked; renew it on the receiver"
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return "An unknown authority signed the receiver's certificate, or the receiver does not send the chain; set ca_file to that authority"
    default:
      return 'Check the certificates of the receiver, and ca_file, cert_file and key_file of the sink'
  }
}

function nameOf(certificate: OutdatedCertificate | undefined): string {
  return certificate
    ? `The certificate "${bounded(certificate.name, 80)}" of the receiver`
    : "The receiver's certificate"
}

function codeOf(error: unknown): string {
  for (let depth = 0, e = error; depth < 5 && e instanceof Error; depth++, e = e.cause) {
    const { code } = e as NodeJS.ErrnoException
    if (typeof code === 'string' && !/^slack_|^ERR_NETWORK$|^ERR_BAD_/.test(code)) return code
  }
  return ''
}

/** Makes the receiver's text safe for a log line: one line, no control characters, at most `limit` characters. */
export function bounded(text: unknown, limit = 300): string {
  const line = String(text ?? '')
    .slice(0, limit * 4)
    .replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ')
    .trim()
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}
