import { OUTCOME_FAILURE, OUTCOME_SUCCESS, type SecurityBlock } from '../core/block.ts'
import { hashSlice } from '../core/slice-table.ts'
import { Activity } from './activity.ts'
import type { FeatureRows } from './feature.ts'
import { LearningBudget } from './learning-budget.ts'
import { LOGIN, LOGIN_FEATURES } from './login-features.ts'
import type { LoginProfiles } from './login-profiles.ts'
import { ZONE_PATH } from './structure.ts'

const COLUMNS = LOGIN_FEATURES.length
/** Characters of a message whose structure is looked at. */
const MESSAGE = 512

/** Logins and other security events to rows of numbers, event by event, as `HttpExtractor` does for requests. */
export class LoginExtractor {
  readonly profiles: LoginProfiles
  readonly addresses: Activity
  readonly users: Activity
  readonly budget: LearningBudget
  /** Kind of event of each event of the block that was extracted last. */
  kinds = new Int32Array(0)
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

  /** One row per event; with `exclude`, the events where it is 0 also become part of what is normal. */
  extract(block: SecurityBlock, exclude?: Uint8Array): FeatureRows {
    if (this.kinds.length < block.count) {
      this.#data = new Float32Array(block.count * COLUMNS)
      this.kinds = new Int32Array(block.count)
    }
    for (let i = 0; i < block.count; i++) this.#row(block, i, exclude !== undefined && exclude[i] === 0)
    return { rows: block.count, features: LOGIN_FEATURES, data: this.#data }
  }

  #row(block: SecurityBlock, i: number, allowed: boolean): void {
    const { profiles, addresses, users } = this
    const data = this.#data
    const row = i * COLUMNS
    const user = block.user.at(i)
    const address = block.sourceIp.at(i)
    const time = block.time[i]
    const failed = block.outcome[i] === OUTCOME_FAILURE
    const succeeded = block.outcome[i] === OUTCOME_SUCCESS
    const kind = `${block.program.at(i)} ${block.eventType.at(i)}`
    const kindHash = hashSlice(kind, 0, kind.length, 0)
    this.kinds[i] = kindHash
    const userHash = hashSlice(user, 0, user.length, 1)
    const session = address || user
    const learn = allowed && this.budget.spend(hashSlice(session, 0, session.length, 0), kindHash ^ userHash)

    data[row + LOGIN.event_rarity] = profiles.kindBits(kind, learn)
    const message = block.message.at(i)
    profiles.structure.measure(ZONE_PATH, message, 0, Math.min(message.length, MESSAGE), learn)
    data[row + LOGIN.message_surprise] = message === '' ? 0 : profiles.structure.mean
    data[row + LOGIN.message_peak] = message === '' ? 0 : profiles.structure.peak

    let failuresBefore = 0
    if (address === '') data.fill(0, row + LOGIN.address_failures, row + LOGIN.address_gap + 1)
    else {
      addresses.update(address, time, failed, succeeded, user === '' ? 0 : userHash)
      failuresBefore = addresses.failuresBefore
      data[row + LOGIN.address_failures] = Math.log1p(addresses.failures)
      data[row + LOGIN.address_successes] = Math.log1p(addresses.successes)
      data[row + LOGIN.address_users] = Math.log1p(addresses.counterparts)
      data[row + LOGIN.address_failure_share] = addresses.failures / (addresses.failures + addresses.successes + 1)
      data[row + LOGIN.address_burst] = Math.log1p(addresses.burst)
      data[row + LOGIN.address_gap] = Math.log1p(addresses.gap)
    }
    if (user === '') data.fill(0, row + LOGIN.user_failures, row + LOGIN.address_rarity + 1)
    else {
      users.update(user, time, failed, succeeded, address === '' ? 0 : hashSlice(address, 0, address.length, 1))
      failuresBefore = Math.max(failuresBefore, users.failuresBefore)
      data[row + LOGIN.user_failures] = Math.log1p(users.failures)
      data[row + LOGIN.user_addresses] = Math.log1p(users.counterparts)
      data[row + LOGIN.user_rarity] = profiles.userBits(user, learn)
      data[row + LOGIN.address_rarity] = address === '' ? 0 : profiles.pairBits(user, address, learn)
    }
    data[row + LOGIN.success_after_failures] = succeeded ? Math.log1p(failuresBefore) : 0
    data[row + LOGIN.hour_rarity] = profiles.hours.bits(time, learn)
  }
}
