import { pack, unpack } from '../core/pack.ts'
import { Hours } from './hours.ts'
import { Rarity } from './rarity.ts'
import { StructureModel } from './structure.ts'

const KINDS = 2048
const USERS = 16_384
const PAIRS = 65_536

/** Everything learnt about what is normal for the logins of these hosts. Part of a model. */
export class LoginProfiles {
  readonly structure: StructureModel
  readonly hours: Hours
  readonly #kinds: Rarity
  readonly #users: Rarity
  readonly #pairs: Rarity

  constructor(
    parts: { structure?: StructureModel; hours?: Hours; kinds?: Rarity; users?: Rarity; pairs?: Rarity } = {},
  ) {
    this.structure = parts.structure ?? new StructureModel()
    this.hours = parts.hours ?? new Hours()
    this.#kinds = parts.kinds ?? new Rarity(KINDS)
    this.#users = parts.users ?? new Rarity(USERS)
    this.#pairs = parts.pairs ?? new Rarity(PAIRS)
  }

  /** Ends learning: from here on the profiles only judge. */
  freeze(): void {
    this.structure.freeze()
    for (const rarity of [this.#kinds, this.#users, this.#pairs]) rarity.freeze()
  }

  kindBits(kind: string, learn: boolean): number {
    return judge(this.#kinds, kind, learn)
  }

  userBits(user: string, learn: boolean): number {
    return judge(this.#users, user, learn)
  }

  /** Rarity of the address among those that this user comes from. */
  pairBits(user: string, address: string, learn: boolean): number {
    return judge(this.#pairs, `${user}\0${address}`, learn)
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
    return new LoginProfiles({
      structure: new StructureModel(arrays.structure),
      hours: new Hours(arrays.hours),
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
  }
}

function judge(rarity: Rarity, word: string, learn: boolean): number {
  const bits = rarity.bits(rarity.find(word))
  if (learn) rarity.learn(word)
  return bits
}
