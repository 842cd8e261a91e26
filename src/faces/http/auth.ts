import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Config } from '../../config/schema.ts'
import { OddlineError } from '../../core/errors.ts'
import { Problem } from './problem.ts'

export type Scope = Config['api']['keys'][number]['scopes'][number]

/** The sender of a request. Without keys, everybody on this host may do everything. */
export interface Caller {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
}

const EVERY_SCOPE: ReadonlySet<Scope> = new Set(['read', 'analyse', 'admin'])
const LOCAL: Caller = { name: 'local', scopes: EVERY_SCOPE }

/**
 * Checks keys, given as bearer token or X-API-Key. Keys are long and random, so one round of SHA-256 protects them;
 * digests are compared in constant time. An API without keys answers on loopback alone, and there only to requests that name a
 * loopback host and come from no foreign page, so that a web site cannot reach it through a browser (DNS rebinding).
 */
export class Gatekeeper {
  readonly #keys: readonly { readonly caller: Caller; readonly digest: Buffer }[]

  /** @throws OddlineError CONFIG_INVALID where an API without keys would be open to the network */
  constructor(api: Config['api']) {
    this.#keys = [
      ...(api.key_sha256
        ? [{ caller: { name: 'key', scopes: EVERY_SCOPE }, digest: Buffer.from(api.key_sha256, 'hex') }]
        : []),
      ...api.keys.map(({ name, sha256, scopes }) => ({
        caller: { name, scopes: withImplied(scopes) },
        digest: Buffer.from(sha256, 'hex'),
      })),
    ]
    if (this.#keys.length === 0 && !isLoopback(api.host)) {
      throw new OddlineError(
        'CONFIG_INVALID',
        `api.host is ${api.host}, which others can reach, but there is no key. Run \`oddline api-key\` and set ` +
          'API_KEY_SHA256 (or api.keys), or let the API listen on 127.0.0.1.',
      )
    }
  }

  get open(): boolean {
    return this.#keys.length === 0
  }

  /** @throws Problem UNAUTHENTICATED, FORBIDDEN */
  identify(request: FastifyRequest): Caller {
    if (this.open) {
      refuseForeignPages(request)
      return LOCAL
    }
    const given = keyOf(request)
    if (!given)
      throw new Problem('UNAUTHENTICATED', 'Send the key as "Authorization: Bearer KEY" or as "X-API-Key: KEY".')
    const digest = createHash('sha256').update(given).digest()
    let found: Caller | undefined
    for (const key of this.#keys) if (timingSafeEqual(key.digest, digest)) found = key.caller
    if (!found) throw new Problem('UNAUTHENTICATED', 'This key is not known here.')
    return found
  }
}

/** @throws Problem FORBIDDEN */
export function demand(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw new Problem('FORBIDDEN', `This needs a key with the scope "${scope}".`)
}

/** `admin` includes `read` and `analyse`; `analyse` alone shows no findings of others. */
function withImplied(scopes: readonly Scope[]): ReadonlySet<Scope> {
  return scopes.includes('admin') ? EVERY_SCOPE : new Set(scopes)
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['x-api-key']
  if (typeof header === 'string' && header) return header
  const bearer = /^Bearer +(\S{1,512}) *$/i.exec(headers.authorization ?? '')
  return bearer?.[1]
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (name === 'localhost' || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}

function refuseForeignPages(request: FastifyRequest): void {
  const { hostname } = request
  if (!isLoopback(hostname)) {
    throw new Problem('FORBIDDEN', 'An API without keys answers only to the name of this host, such as localhost.')
  }
  const { origin } = request.headers
  if (origin === undefined) return
  let from = ''
  try {
    from = new URL(origin).host
  } catch {}
  if (from !== request.host) throw new Problem('FORBIDDEN', 'An API without keys takes no requests from other pages.')
}
