import type { EventBlock } from '../../core/columns/block.ts'
import { LogKinds } from './log-kinds.ts'

/** Number of events per kind of log, by the names that `LogKinds` gives. */
export type LogCounts = Readonly<Record<string, number>>

/** Events of a kind of log from which it counts as learnt; or this share of a small training set, if that is less. */
const ENOUGH = 100
const SHARE_OF_SMALL_SET = 0.05

/** Minimum number of events of one kind of log that makes it learnt, in a training set with these counts. */
export function enoughOf(counts: LogCounts): number {
  return Math.min(ENOUGH, SHARE_OF_SMALL_SET * Object.values(counts).reduce((sum, count) => sum + count, 0))
}

interface Unlearnt {
  /** Per event, 1 if its kind of log is not learnt. */
  readonly mask: Uint8Array
  /** Per event, the number of its kind of log. */
  readonly kinds: Uint8Array
}

/**
 * The kinds of log that a model version has learnt. The models abstain on all other kinds: every event of an unknown
 * log would be an anomaly. Versions without counts per kind of log judge everything.
 */
export class LearntLogs {
  readonly #counts: LogCounts | undefined
  readonly #enough: number
  readonly #kinds: LogKinds
  /** Both detectors and the learning ask about the same blocks. */
  readonly #cache = new WeakMap<EventBlock, Unlearnt | null>()

  /** `counts`: events of the training set per kind of log; undefined if the version did not store them. */
  constructor(counts: LogCounts | undefined) {
    this.#counts = counts
    this.#enough = enoughOf(counts ?? {})
    this.#kinds = new LogKinds(Object.keys(counts ?? {}))
  }

  /** Per event, 1 if its kind of log is not learnt; undefined if all are. */
  unlearnt(block: EventBlock): Uint8Array | undefined {
    return this.#unlearnt(block)?.mask
  }

  /** Returns raw scores with NaN for events of an unlearnt kind of log. `raw` is not modified. */
  abstain(block: EventBlock, raw: Float32Array): Float32Array {
    const mask = this.unlearnt(block)
    return mask ? raw.map((score, i) => (mask[i] === 1 ? Number.NaN : score)) : raw
  }

  /** Returns `counts` plus the block's events of unlearnt kinds of log. */
  countUnlearnt(block: EventBlock, counts: LogCounts): LogCounts {
    const unlearnt = this.#unlearnt(block)
    if (!unlearnt) return counts
    const sums = { ...counts }
    for (let i = 0; i < block.count; i++) {
      const name = this.#kinds.names[unlearnt.kinds[i]]
      if (unlearnt.mask[i] === 1 && name !== undefined) sums[name] = (sums[name] ?? 0) + 1
    }
    return sums
  }

  #unlearnt(block: EventBlock): Unlearnt | null {
    if (this.#counts === undefined) return null
    const cached = this.#cache.get(block)
    if (cached !== undefined) return cached
    const kinds = this.#kinds.of(block)
    const isLearnt = this.#kinds.names.map((name) => (this.#counts![name] ?? 0) >= this.#enough)
    const mask = kinds.map((kind) => (isLearnt[kind] ? 0 : 1))
    const unlearnt = mask.includes(1) ? { mask, kinds } : null
    this.#cache.set(block, unlearnt)
    return unlearnt
  }
}
