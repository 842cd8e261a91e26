import {
  idsOf,
  OUTCOME_FAILURE,
  OUTCOME_SUCCESS,
  type SecurityBlock,
  SliceColumn,
  type StringColumn,
} from '../../core/columns/block.ts'
import { ById } from '../../core/columns/by-id.ts'
import { hashSlice } from '../../core/columns/slice-table.ts'
import type { FeatureRows } from '../feature.ts'
import { LearningBudget } from '../learning-budget.ts'
import { ZONE_PATH } from '../structure.ts'
import { log1p } from '../whole-numbers.ts'
import { Activity, excess, type PartyName } from './activity.ts'
import { LOGIN, LOGIN_FEATURES } from './login-features.ts'
import { LoginKinds } from './login-kinds.ts'
import type { LoginProfiles } from './login-profiles.ts'

const COLUMNS = LOGIN_FEATURES.length
/** Most characters of a message whose structure is measured. */
export const MAX_MESSAGE = 512

/** Computes the feature rows of logins and other security events, one by one, like `HttpExtractor` for requests. */
export class LoginExtractor {
  readonly profiles: LoginProfiles
  readonly addresses: Activity
  readonly users: Activity
  readonly budget: LearningBudget
  /** Kind of each event of the last block, as a hash. */
  kinds = new Int32Array(0)
  readonly #kinds = new LoginKinds()
  readonly #user = new Party()
  readonly #address = new Party()
  #data = new Float32Array(0)

  constructor(
    profiles: LoginProfiles,
    addresses = new Activity(),
    users = new Activity(),
    budget = new LearningBudget(),
  ) {
    this.profiles = profiles
    this.addresses = addresses
    this.users = users
    this.budget = budget
  }

  /** Returns one row per event. With `exclude`, events with value 0 are learnt after their row is computed. */
  extract(block: SecurityBlock, exclude?: Uint8Array): FeatureRows {
    if (this.kinds.length < block.count) {
      this.#data = new Float32Array(block.count * COLUMNS)
      this.kinds = new Int32Array(block.count)
    }
    this.#kinds.follow(block)
    this.#user.follow(block.user, block.count, this.users)
    this.#address.follow(block.sourceIp, block.count, this.addresses)
    this.profiles.follow(block)
    for (let i = 0; i < block.count; i++) this.#row(block, i, exclude !== undefined && exclude[i] === 0)
    return { rows: block.count, features: LOGIN_FEATURES, data: this.#data }
  }

  #row(block: SecurityBlock, i: number, allowed: boolean): void {
    const { profiles, addresses, users } = this
    const data = this.#data
    const row = i * COLUMNS
    const user = this.#user
    const address = this.#address
    user.look(i)
    address.look(i)
    const time = block.time[i]
    const failed = block.outcome[i] === OUTCOME_FAILURE
    const kind = this.#kinds
    kind.look(block, i)
    const succeeded = block.outcome[i] === OUTCOME_SUCCESS && kind.informative
    this.kinds[i] = kind.hash
    const learn = allowed && this.#maySpend()

    data[row + LOGIN.event_rarity] = profiles.kindBits(kind.name, learn)
    this.#measureMessage(block.message, i, row, learn)

    const facts = { time, failed, succeeded, login: kind.login }
    let netRefused = 0
    if (address.empty) data.fill(0, row + LOGIN.address_failures, row + LOGIN.address_gap + 1)
    else {
      addresses.update(address, facts, user.empty ? 0 : user.hash)
      netRefused = addresses.netRefused
      data[row + LOGIN.address_failures] = log1p(excess(addresses.failures, addresses.successes))
      data[row + LOGIN.address_successes] = log1p(addresses.successes)
      data[row + LOGIN.address_users] = log1p(addresses.counterparts)
      data[row + LOGIN.address_failure_share] = addresses.failures / (addresses.failures + addresses.successes + 1)
      data[row + LOGIN.address_burst] = log1p(addresses.burst)
      data[row + LOGIN.address_gap] = log1p(addresses.gap)
    }
    if (user.empty) data.fill(0, row + LOGIN.user_failures, row + LOGIN.address_rarity + 1)
    else {
      users.update(user, facts, address.empty ? 0 : address.hash)
      // A user who logs in from a known address did not guess the password that others try from elsewhere.
      if (succeeded && users.netRefused > netRefused && (address.empty || !profiles.knows(user, address)))
        netRefused = users.netRefused
      data[row + LOGIN.user_failures] = log1p(excess(users.failures, users.successes))
      data[row + LOGIN.user_addresses] = log1p(users.counterparts)
      data[row + LOGIN.user_rarity] = profiles.userBits(user, learn)
      data[row + LOGIN.address_rarity] = address.empty ? 0 : profiles.pairBits(user, address, learn)
    }
    data[row + LOGIN.success_after_failures] = succeeded && kind.login ? log1p(netRefused) : 0
    data[row + LOGIN.hour_rarity] = profiles.hours.bits(time, learn)
  }

  #maySpend(): boolean {
    const session = this.#address.name || this.#user.name
    return this.budget.spend(hashSlice(session, 0, session.length, 0), this.#kinds.hash ^ this.#user.hash)
  }

  #measureMessage(messages: StringColumn, i: number, row: number, learn: boolean): void {
    const { structure } = this.profiles
    const message = messages.at(i)
    const empty = message === ''
    structure.measure(ZONE_PATH, message, 0, Math.min(message.length, MAX_MESSAGE), learn)
    this.#data[row + LOGIN.message_surprise] = empty ? 0 : structure.mean
    this.#data[row + LOGIN.message_peak] = empty ? 0 : structure.peak
  }
}

/** The user or the address of the last event. */
class Party implements PartyName {
  id = -1
  hash = 0
  empty = true
  #index = 0
  #column: StringColumn = { at: () => '' }
  #ids: Int32Array = new Int32Array(0)
  readonly #kept = new ById()
  #hashes: Int32Array = new Int32Array(0)

  get name(): string {
    return this.#column.at(this.#index)
  }

  follow(column: StringColumn, count: number, activity: Activity): void {
    const ids = idsOf(column, count)
    this.#column = column
    this.#ids = ids.of
    this.#hashes = this.#kept.follow(ids)
    activity.follow(ids)
  }

  look(index: number): void {
    const id = this.#ids[index]
    const column = this.#column
    this.id = id
    this.#index = index
    this.empty = column instanceof SliceColumn ? column.starts[index] === column.ends[index] : this.name === ''
    const known = id < 0 ? -1 : this.#hashes[id]
    this.hash = known === -1 ? hashOf(this.name) : known
    if (id >= 0) this.#hashes[id] = this.hash
  }
}

function hashOf(name: string): number {
  return hashSlice(name, 0, name.length, 1) | 0
}
