import type { EventBlock } from '../../core/columns/block.ts'
import { pack, unpack } from '../../core/pack.ts'
import { HttpExtractor } from '../../features/http/http.ts'
import { HTTP, HTTP_FEATURES } from '../../features/http/http-features.ts'
import { HttpProfiles } from '../../features/http/http-profiles.ts'
import { httpSayings } from '../../features/http/http-sayings.ts'
import { HttpSessions } from '../../features/http/http-sessions.ts'
import { Activity } from '../../features/login/activity.ts'
import { LoginExtractor } from '../../features/login/login.ts'
import { LOGIN, LOGIN_FEATURES } from '../../features/login/login-features.ts'
import { LoginProfiles } from '../../features/login/login-profiles.ts'
import { loginSayings } from '../../features/login/login-sayings.ts'
import type { Sayings } from '../../features/phrase.ts'
import type { Kind } from './model.ts'

/** The features of each kind of block, and the expert columns, which are judged on their own as well (see `combine.ts`). */
export const SCHEMAS = {
  http: { features: HTTP_FEATURES, experts: [HTTP.parameter_oddity, HTTP.target_peak] },
  security: { features: LOGIN_FEATURES, experts: [LOGIN.success_after_failures, LOGIN.address_failures] },
} as const

export function featureNames(kind: Kind): readonly string[] {
  return SCHEMAS[kind].features.map(({ name }) => name)
}

/** State of clients, addresses and users between blocks. */
export interface Sessions {
  readonly http: HttpSessions
  readonly addresses: Activity
  readonly users: Activity
}

export function newSessions(): Sessions {
  return { http: new HttpSessions(), addresses: new Activity(), users: new Activity() }
}

export function encodeSessions(sessions: Sessions): Uint8Array {
  const http = sessions.http.snapshot()
  const addresses = sessions.addresses.snapshot()
  const users = sessions.users.snapshot()
  return pack('session state', 1, {
    meta: { clients: http.parties, addresses: addresses.parties, users: users.parties },
    arrays: {
      ...prefixed('http.', http.arrays),
      ...prefixed('addresses.', addresses.arrays),
      ...prefixed('users.', users.arrays),
    },
  })
}

/** @throws OddlineError MODEL_INVALID if the bytes are damaged */
export function decodeSessions(bytes: Uint8Array): Sessions {
  const { meta, arrays } = unpack('session state', 1, bytes)
  const names = meta as Record<'clients' | 'addresses' | 'users', string[]>
  return {
    http: HttpSessions.restore({ parties: names.clients, arrays: unprefixed('http.', arrays) }),
    addresses: Activity.restore({ parties: names.addresses, arrays: unprefixed('addresses.', arrays) }),
    users: Activity.restore({ parties: names.users, arrays: unprefixed('users.', arrays) }),
  }
}

export interface Extractors {
  readonly http: HttpExtractor
  readonly security: LoginExtractor
}

export function extractors(sessions: Sessions, http = new HttpProfiles(), login = new LoginProfiles()): Extractors {
  return {
    http: new HttpExtractor(http, sessions.http),
    security: new LoginExtractor(login, sessions.addresses, sessions.users),
  }
}

/** Feature matrix of a block, [events, columns] flat. Events where `exclude` is not 0 do not change the profiles. */
export function extract(of: Extractors, block: EventBlock, exclude?: Uint8Array): Float32Array {
  return (block.kind === 'http' ? of.http.extract(block, exclude) : of.security.extract(block, exclude)).data
}

/** What to say of an event where numbers do not help. `usual` has the medians of its columns. */
export function sayings(
  of: Extractors,
  block: EventBlock,
  index: number,
  row: Float32Array,
  usual: Float32Array,
): Sayings {
  return block.kind === 'http'
    ? httpSayings(of.http.profiles, block, index, row)
    : loginSayings(of.security.profiles, block, index, row, usual)
}

function prefixed<T>(prefix: string, record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]))
}

function unprefixed<T>(prefix: string, record: Record<string, T>): Record<string, T> {
  const own = Object.entries(record).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]))
}
