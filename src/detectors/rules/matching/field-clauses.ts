import { ownAt, type StringColumn } from '../../../core/columns/block.ts'
import { MadeById } from '../../../core/columns/by-id.ts'
import { Hits } from '../prefilter/hits.ts'
import { type Literal, LiteralScanner } from '../prefilter/literal-scanner.ts'

const NONE = new Int32Array(0)

/** The clauses that the texts of a column satisfy, cached by text number, because users, hosts and programs repeat. */
export class FieldClauses {
  readonly #scanner: LiteralScanner
  readonly #hits: Hits
  readonly #known = new MadeById<Int32Array>()
  #column: StringColumn | undefined
  #of: Int32Array | undefined

  constructor(literals: readonly Literal[], clauses: number) {
    this.#scanner = new LiteralScanner(literals)
    this.#hits = new Hits(clauses)
  }

  /** Selects the column that `of` refers to. */
  follow(column: StringColumn): void {
    const { ids } = column
    this.#column = column
    this.#of = ids?.of
    if (ids) this.#known.follow(ids)
  }

  /** Ids of the clauses that the text of an event satisfies. */
  of(index: number): Int32Array {
    const id = this.#of === undefined ? -1 : this.#of[index]
    if (id < 0) return this.#match(index)
    return this.#known.find(id) ?? this.#known.keep(id, this.#match(index))
  }

  #match(index: number): Int32Array {
    this.#hits.clear()
    this.#scanner.scan(ownAt(this.#column!, index), this.#hits)
    return this.#hits.count === 0 ? NONE : this.#hits.list.slice(0, this.#hits.count)
  }
}
