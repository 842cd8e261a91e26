import type { LookupFunction } from 'node:net'
import { connect, type DetailedPeerCertificate } from 'node:tls'

/** A certificate that is out of its time, as `reasonOfSystemError` tells it. */
export interface OutdatedCertificate {
  readonly name: string
  readonly from: string
  readonly to: string
}

const TIME_CODES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

/**
 * Adds to an error of TLS which certificate is out of its time, and when. Node does not tell, so the receiver is asked for
 * its certificates once more; nothing is sent to it.
 */
export async function withCertificate(
  error: unknown,
  url: string,
  lookup: LookupFunction | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof Error) || !TIME_CODES.has((error as NodeJS.ErrnoException).code ?? '')) return error
  const certificate = await outdatedCertificate(new URL(url), lookup, signal).catch(() => undefined)
  return Object.assign(error, { certificate })
}

async function outdatedCertificate({ hostname, port }: URL, lookup: LookupFunction | undefined, signal: AbortSignal) {
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({
    host,
    port: Number(port || 443),
    servername: servername(host),
    rejectUnauthorized: false,
    lookup,
  })
  const abort = () => socket.destroy(new Error('aborted'))
  signal.addEventListener('abort', abort)
  try {
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    return firstOutdated(socket.getPeerCertificate(true))
  } finally {
    signal.removeEventListener('abort', abort)
    socket.on('error', () => {}).destroy()
  }
}

/** The name that the receiver is asked for; an address is none (RFC 6066). */
function servername(host: string): string | undefined {
  return /^[\d.]+$|:/.test(host) ? undefined : host
}

function firstOutdated(leaf: DetailedPeerCertificate): OutdatedCertificate | undefined {
  const seen = new Set<DetailedPeerCertificate>()
  for (let one = leaf; one?.subject && !seen.has(one); one = one.issuerCertificate) {
    seen.add(one)
    const [from, to] = [Date.parse(one.valid_from), Date.parse(one.valid_to)]
    if (from <= Date.now() && Date.now() <= to) continue
    const name = [one.subject.CN ?? one.subject.O ?? 'without a name'].flat()[0]
    return { name, from: dayOf(from), to: dayOf(to) }
  }
  return undefined
}

function dayOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : 'an unknown day'
}
