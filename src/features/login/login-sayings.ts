import type { SecurityBlock } from '../../core/columns/block.ts'
import { percentText } from '../../core/text/for-people.ts'
import { type Sayings, unlike } from '../phrase.ts'
import { stretchOf } from '../stretch.ts'
import { ZONE_PATH } from '../structure.ts'
import { MAX_MESSAGE } from './login.ts'
import { LOGIN, LOGIN_FEATURES, type LoginFeatureName } from './login-features.ts'
import { LoginKinds } from './login-kinds.ts'
import type { LoginProfiles } from './login-profiles.ts'

type Said = { readonly [K in LoginFeatureName]?: string }

/**
 * What to say of a security event where numbers do not help. `profiles` are frozen, and `row` was computed with them;
 * `usual` has the medians of its columns.
 */
export function loginSayings(
  profiles: LoginProfiles,
  block: SecurityBlock,
  i: number,
  row: Float32Array,
  usual: Float32Array,
): Sayings {
  const message = unlike('message', stretchOf(profiles.structure, ZONE_PATH, block.message.at(i).slice(0, MAX_MESSAGE)))
  const address = block.sourceIp.at(i)
  const user = block.user.at(i)
  return {
    message_peak: message,
    message_surprise: message,
    ...unseen(profiles, block, i),
    ...(address === '' ? nothingOf('address_') : ofAddress(row, usual)),
    ...(user === '' && nothingOf('user_')),
  } satisfies Said
}

/** An event without an address or user has zeros for it, which say nothing. */
function nothingOf(party: 'address_' | 'user_'): Said {
  return Object.fromEntries(LOGIN_FEATURES.filter(({ name }) => name.startsWith(party)).map(({ name }) => [name, '']))
}

function unseen(profiles: LoginProfiles, block: SecurityBlock, i: number): Said {
  const [user, address] = [{ name: block.user.at(i) }, { name: block.sourceIp.at(i) }]
  const kinds = new LoginKinds()
  kinds.follow(block)
  kinds.look(block, i)
  const kind = !profiles.knowsKind(kinds.name) && { event_rarity: 'this kind of event was never seen in training' }
  if (!profiles.knowsUser(user.name)) {
    const said = 'this user was never seen in training'
    return { ...kind, user_rarity: said, address_rarity: said }
  }
  if (profiles.knows(user, address)) return { ...kind }
  return { ...kind, address_rarity: 'this user was never seen from this address in training' }
}

/** An address without a past has a burst of one event and no gap (`activity.ts`). */
function ofAddress(row: Float32Array, usual: Float32Array): Said {
  const [here, there] = [failed(row), failed(usual)].map(percentText)
  const failures = here === there ? '' : `${here} of the recent attempts from the address failed (usually ${there})`
  const known = row[LOGIN.address_gap] !== 0 || row[LOGIN.address_burst] > Math.fround(Math.LN2)
  if (known) return { address_failure_share: failures }
  const said = 'this address was not seen before'
  return { address_failure_share: failures, address_gap: said, address_burst: said, address_users: said }
}

/** The share of failures. The column has failures / (attempts + 1), so that a single failure weighs little. */
function failed(row: Float32Array): number {
  const share = row[LOGIN.address_failure_share]
  const failures = (share * (Math.expm1(row[LOGIN.address_successes]) + 1)) / (1 - share)
  return failures === 0 ? 0 : failures / (failures + Math.expm1(row[LOGIN.address_successes]))
}
