import type { EventBlock } from '../../core/columns/block.ts'
import { LogKinds } from './log-kinds.ts'

/** Events by the kind of log that they are of, as `LogKinds` names them. */
export type LogCounts = Readonly<Record<string, number>>

/** Events without which a kind of log is not learnt; where all are few, the part of them. */
const ENOUGH = 100
const PART_OF_FEW = 0.05

/** Events of a kind of log that it takes to learn it, where these were learnt. */
export function enoughOf(counts: LogCounts): number {
  return Math.min(ENOUGH, PART_OF_FEW * Object.values(counts).reduce((sum, count) => sum + count, 0))
}

/** Events of a block that are of kinds of log that are not learnt. */
interface Strange {
  /** 1 for each of them. */
  readonly mask: Uint8Array
  readonly kinds: Uint8Array
}

/**
 * The kinds of log that models have learnt. Of others they have no opinion: all of it would be odd, and nothing would be
 * said by that. Models of versions that did not keep what they learnt judge everything.
 */
export class LearntLogs {
  readonly #counts: LogCounts | undefined
  readonly #enough: number
  readonly #kinds: LogKinds
  /** Both detectors and whoever learns ask about the same blocks. */
  readonly #known = new WeakMap<EventBlock, Strange | null>()

  constructor(counts: LogCounts | undefined) {
    this.#counts = counts
    this.#enough = enoughOf(counts ?? {})
    this.#kinds = new LogKinds(Object.keys(counts ?? {}))
  }

  /** 1 for each event of a kind that is not learnt; undefined where there is none. */
  strange(block: EventBlock): Uint8Array | undefined {
    return this.#strange(block)?.mask
  }

  /** Raw scores with NaN where an event is of a kind that is not learnt. Those given are left as they are. */
  abstain(block: EventBlock, raw: Float32Array): Float32Array {
    const mask = this.strange(block)
    return mask ? raw.map((score, i) => (mask[i] === 1 ? Number.NaN : score)) : raw
  }

  /** The counts with the events added that are of kinds that are not learnt. */
  countStrange(block: EventBlock, counts: LogCounts): LogCounts {
    const strange = this.#strange(block)
    if (!strange) return counts
    const sums = { ...counts }
    for (let i = 0; i < block.count; i++) {
      const name = this.#kinds.names[strange.kinds[i]]
      if (strange.mask[i] === 1 && name !== undefined) sums[name] = (sums[name] ?? 0) + 1
    }
    return sums
  }

  #strange(block: EventBlock): Strange | null {
    if (this.#counts === undefined) return null
    const known = this.#known.get(block)
    if (known !== undefined) return known
    const kinds = this.#kinds.of(block)
    const isLearnt = this.#kinds.names.map((name) => (this.#counts![name] ?? 0) >= this.#enough)
    const mask = kinds.map((kind) => (isLearnt[kind] ? 0 : 1))
    const strange = mask.includes(1) ? { mask, kinds } : null
    this.#known.set(block, strange)
    return strange
  }
}
