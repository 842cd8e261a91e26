import { z } from 'zod'
import type { EventBlock } from '../../core/columns/block.ts'
import { decodeJson } from '../../core/saved-json.ts'
import { SURPLUS } from '../../detectors/transformer/training/collector.ts'
import type { LogCounts } from './learnt-logs.ts'
import { LogKinds } from './log-kinds.ts'

/** A kind of log with at least this share of the previous training set is major: a retraining waits for it. */
const MAJOR = 0.05
/** Share of a warmup that is enough of a major kind; half of its previous share is enough, if that is less. */
const PLENTY = 0.25

const CountsSchema = z.array(z.int().nonnegative()).length(256)
const SavedSchema = z.object({ names: z.array(z.string()).max(255), learnt: CountsSchema, passed: CountsSchema })

/** Counts events per kind of log during a training cycle: those that were learnt and all that passed. */
export class LogTally {
  #kinds = new LogKinds()
  readonly #learnt = new Float64Array(256)
  readonly #passed = new Float64Array(256)

  /**
   * Counts a block.
   * @param most events of each kind of log that are learnt at most
   * @returns per event, the number of its kind of log, and a copy of `exclude` with SURPLUS for events beyond `most`
   */
  count(block: EventBlock, exclude: Uint8Array, most: number): { kinds: Uint8Array; exclude: Uint8Array } {
    const kinds = this.#kinds.of(block)
    const less = exclude.slice()
    for (let i = 0; i < block.count; i++) {
      this.#passed[kinds[i]]++
      if (exclude[i] !== 0) continue
      if (this.#learnt[kinds[i]] < most) this.#learnt[kinds[i]]++
      else less[i] = SURPLUS
    }
    return { kinds, exclude: less }
  }

  get learnt(): LogCounts {
    return this.#named(this.#learnt)
  }

  /**
   * Whether enough events of every major kind of log have passed.
   * @param previous events of the previous training set per kind of log
   * @param warmup events of a warmup
   */
  covers(previous: LogCounts, warmup: number): boolean {
    const passed = this.#named(this.#passed)
    const total = Object.values(previous).reduce((sum, count) => sum + count, 0)
    return Object.entries(previous).every(([name, count]) => {
      const part = count / total
      return part < MAJOR || (passed[name] ?? 0) >= Math.min(PLENTY, part / 2) * warmup
    })
  }

  snapshot(): Uint8Array {
    const { names } = this.#kinds
    return Buffer.from(JSON.stringify({ names, learnt: [...this.#learnt], passed: [...this.#passed] }))
  }

  /** @throws OddlineError MODEL_INVALID if the bytes are damaged */
  restore(bytes: Uint8Array): void {
    const { names, learnt, passed } = decodeJson('counts of kinds of log', SavedSchema, bytes)
    this.#kinds = new LogKinds(names)
    this.#learnt.set(learnt)
    this.#passed.set(passed)
  }

  #named(counts: Float64Array): LogCounts {
    return Object.fromEntries(this.#kinds.names.map((name, kind) => [name, counts[kind]]))
  }
}
