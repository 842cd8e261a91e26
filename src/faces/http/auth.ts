import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Config } from '../../config/schema.ts'
import { OddlineError } from '../../core/errors.ts'
import { isLoopback } from './client-address.ts'
import { refuseOthers } from './local-only.ts'
import { Problem } from './problem.ts'
import { WrongKeys } from './wrong-keys.ts'

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
 * digests are compared in constant time. An API without keys serves this host alone.
 */
export class Gatekeeper {
  readonly #wrong = new WrongKeys()
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

  /** Checks what holds for every request, whatever it asks for. @throws Problem FORBIDDEN */
  admit(request: FastifyRequest): void {
    if (this.#keys.length === 0) refuseOthers(request)
  }

  /** @throws Problem UNAUTHENTICATED, RATE_LIMITED */
  identify({ headers, address }: FastifyRequest): Caller {
    if (this.#keys.length === 0) return LOCAL
    const given = keyOf(headers)
    if (!given)
      throw new Problem('UNAUTHENTICATED', 'Send the key as "Authorization: Bearer KEY" or as "X-API-Key: KEY".')
    const digest = createHash('sha256').update(given).digest()
    let found: Caller | undefined
    for (const key of this.#keys) if (timingSafeEqual(key.digest, digest)) found = key.caller
    if (!found) {
      this.#wrong.wrong(address)
      throw new Problem('UNAUTHENTICATED', 'This key is not known here.')
    }
    this.#wrong.right(address, found.name)
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

function keyOf(headers: FastifyRequest['headers']): string | undefined {
  const header = headers['x-api-key']
  if (typeof header === 'string' && header) return header
  const bearer = /^Bearer +(\S{1,512}) *$/i.exec(headers.authorization ?? '')
  return bearer?.[1]
}
