import type { EventBlock } from '../../core/columns/block.ts'
import { SURPLUS } from '../../detectors/transformer/training/collector.ts'
import type { LogCounts } from './learnt-logs.ts'
import { LogKinds } from './log-kinds.ts'

/** Part of what models were trained on from which a kind of log is waited for when they are learnt anew. */
const MAJOR = 0.05
/** Part of a warmup that is enough of any kind; half of its former part, where that is less. */
const PLENTY = 0.25

/** What kinds of log a cycle of learning has come across: the events that it has learnt from, and all that passed. */
export class LogTally {
  #kinds = new LogKinds()
  readonly #learnt = new Float64Array(256)
  readonly #passed = new Float64Array(256)

  /**
   * Takes in a block. `kinds` is the kind of each event, 0 to 255; `exclude` is what was given with SURPLUS where `most`
   * events of the kind were learnt before.
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

  /** Whether enough has passed of every kind that was much of what was learnt before, in a warmup of so many events. */
  covers(before: LogCounts, warmup: number): boolean {
    const passed = this.#named(this.#passed)
    const total = Object.values(before).reduce((sum, count) => sum + count, 0)
    return Object.entries(before).every(([name, count]) => {
      const part = count / total
      return part < MAJOR || (passed[name] ?? 0) >= Math.min(PLENTY, part / 2) * warmup
    })
  }

  snapshot(): Uint8Array {
    const { names } = this.#kinds
    return Buffer.from(JSON.stringify({ names, learnt: [...this.#learnt], passed: [...this.#passed] }))
  }

  restore(bytes: Uint8Array): void {
    const { names, learnt, passed } = JSON.parse(Buffer.from(bytes).toString()) as {
      names: string[]
      learnt: number[]
      passed: number[]
    }
    this.#kinds = new LogKinds(names)
    this.#learnt.set(learnt)
    this.#passed.set(passed)
  }

  #named(counts: Float64Array): LogCounts {
    return Object.fromEntries(this.#kinds.names.map((name, kind) => [name, counts[kind]]))
  }
}
