import { own } from '../../../core/block.ts'
import { Hits } from './hits.ts'
import { type Literal, LiteralScanner } from './literal-scanner.ts'

const NONE = new Int32Array(0)
/** Distinct values remembered in each of two generations; longer values are judged anew each time. */
const CAPACITY = 32_768
const MAX_LENGTH = 1024

/**
 * Which rules a field's value makes candidates of, remembered by value: User-Agents, referrers and methods repeat.
 * Two generations bound the memory: when the young one is full, the old one is forgotten and it takes its place.
 */
export class Verdicts {
  readonly #scanner: LiteralScanner
  readonly #hits: Hits
  readonly #alternative: (value: string) => string
  #young = new Map<string, Int32Array>()
  #old = new Map<string, Int32Array>()

  /** `alternative` gives a second form of a value to search, such as the decoded one; the same text if there is none. */
  constructor(literals: readonly Literal[], clauses: number, alternative: (value: string) => string) {
    this.#scanner = new LiteralScanner(literals)
    this.#hits = new Hits(clauses)
    this.#alternative = alternative
  }

  /** Ids of the clauses that the value fulfils. `value` may be a slice of a large text: what is kept is a copy. */
  of(value: string): Int32Array {
    const known = this.#young.get(value)
    if (known !== undefined) return known
    const verdict = this.#old.get(value) ?? this.#judge(value)
    if (value.length <= MAX_LENGTH) this.#remember(own(value), verdict)
    return verdict
  }

  #judge(value: string): Int32Array {
    this.#hits.clear()
    this.#scanner.scan(value, this.#hits)
    const other = this.#alternative(value)
    if (other !== value) this.#scanner.scan(other, this.#hits)
    return this.#hits.count === 0 ? NONE : this.#hits.list.slice(0, this.#hits.count)
  }

  #remember(value: string, verdict: Int32Array): void {
    if (this.#young.size >= CAPACITY) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(value, verdict)
  }
}
