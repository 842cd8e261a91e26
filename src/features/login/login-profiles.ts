import { idsOf, type SecurityBlock } from '../../core/columns/block.ts'
import { RowsById } from '../../core/columns/by-id.ts'
import { pack, unpack } from '../../core/pack.ts'
import { Rarity } from '../rarity.ts'
import { StructureModel } from '../structure.ts'
import type { PartyName } from './activity.ts'
import { Hours } from './hours.ts'
import { PairMemo } from './pair-memo.ts'

const KINDS = 2048
const USERS = 16_384
const PAIRS = 65_536

/** The learnt normal behaviour of logins on these hosts. Part of a model. */
export class LoginProfiles {
  readonly structure: StructureModel
  readonly hours: Hours
  readonly #kinds: Rarity
  readonly #users: Rarity
  readonly #pairs: Rarity
  /** Rarity by text number, cached after `freeze`. */
  readonly #userBits = new RowsById(1)
  readonly #pairBits = new PairMemo()
  #frozen = false

  constructor(
    parts: { structure?: StructureModel; hours?: Hours; kinds?: Rarity; users?: Rarity; pairs?: Rarity } = {},
  ) {
    this.structure = parts.structure ?? new StructureModel()
    this.hours = parts.hours ?? new Hours()
    this.#kinds = parts.kinds ?? new Rarity(KINDS)
    this.#users = parts.users ?? new Rarity(USERS)
    this.#pairs = parts.pairs ?? new Rarity(PAIRS)
  }

  /** Stops learning. */
  freeze(): void {
    this.#frozen = true
    this.structure.freeze()
    this.hours.freeze()
    for (const rarity of [this.#kinds, this.#users, this.#pairs]) rarity.freeze()
  }

  /** Selects the block that later calls refer to. */
  follow({ user, sourceIp, count }: SecurityBlock): void {
    if (!this.#frozen) return
    const users = idsOf(user, count)
    this.#userBits.follow(users)
    this.#pairBits.follow(users, idsOf(sourceIp, count))
  }

  kindBits(kind: string, learn: boolean): number {
    return judge(this.#kinds, kind, learn)
  }

  /** Rarity of a user in bits. */
  userBits({ id, name }: PartyName, learn: boolean): number {
    if (!this.#frozen || id < 0) return judge(this.#users, name, learn)
    const known = this.#userBits.find(id)
    const place = known < 0 ? this.#userBits.add(id) : known
    if (known < 0) this.#userBits.data[place] = judge(this.#users, name, false)
    return this.#userBits.data[place]
  }

  /** True if a login of the user from the address was learnt. */
  knows(user: Pick<PartyName, 'name'>, address: Pick<PartyName, 'name'>): boolean {
    return this.#pairs.find(pairOf(user, address)) >= 0
  }

  knowsKind(kind: string): boolean {
    return this.#kinds.has(this.#kinds.find(kind))
  }

  knowsUser(user: string): boolean {
    return this.#users.has(this.#users.find(user))
  }

  /** Rarity of the pair of user and address in bits. */
  pairBits(user: PartyName, address: PartyName, learn: boolean): number {
    const known = this.#frozen ? this.#pairBits.get(user.id, address.id) : Number.NaN
    if (!Number.isNaN(known)) return known
    const bits = judge(this.#pairs, pairOf(user, address), learn)
    if (this.#frozen) this.#pairBits.set(user.id, address.id, bits)
    return bits
  }

  snapshot(): Uint8Array {
    const kinds = this.#kinds.snapshot()
    const users = this.#users.snapshot()
    const pairs = this.#pairs.snapshot()
    return pack('login profiles', 1, {
      meta: {
        kinds: kinds.words,
        users: users.words,
        pairs: pairs.words,
        totals: [kinds.total, users.total, pairs.total],
      },
      arrays: {
        structure: this.structure.counts,
        hours: this.hours.counts,
        watched: this.hours.coverage.hours,
        until: Float64Array.of(this.hours.coverage.until),
        kinds: kinds.counts,
        users: users.counts,
        pairs: pairs.counts,
      },
    })
  }

  /** @throws OddlineError MODEL_INVALID */
  static restore(bytes: Uint8Array): LoginProfiles {
    const { meta, arrays } = unpack('login profiles', 1, bytes) as unknown as SavedProfiles
    const [kinds, users, pairs] = meta.totals
    const { watched, until } = arrays
    return new LoginProfiles({
      structure: new StructureModel(arrays.structure),
      hours: new Hours(arrays.hours, watched && until ? { hours: watched, until: until[0] } : null),
      kinds: Rarity.restore(KINDS, { words: meta.kinds, counts: arrays.kinds, total: kinds }),
      users: Rarity.restore(USERS, { words: meta.users, counts: arrays.users, total: users }),
      pairs: Rarity.restore(PAIRS, { words: meta.pairs, counts: arrays.pairs, total: pairs }),
    })
  }
}

interface SavedProfiles {
  readonly meta: Record<'kinds' | 'users' | 'pairs', string[]> & { totals: number[] }
  readonly arrays: Record<'hours' | 'kinds' | 'users' | 'pairs', Float64Array<ArrayBuffer>> & {
    structure: Uint32Array<ArrayBuffer>
    /** Absent in profiles of older versions. */
    watched?: Float64Array
    until?: Float64Array
  }
}

function pairOf(user: Pick<PartyName, 'name'>, address: Pick<PartyName, 'name'>): string {
  return `${user.name}\0${address.name}`
}

function judge(rarity: Rarity, word: string, learn: boolean): number {
  const bits = rarity.bits(rarity.find(word))
  if (learn) rarity.learn(word)
  return bits
}
