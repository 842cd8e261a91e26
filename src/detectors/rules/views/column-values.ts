import { ownAt, type StringColumn } from '../../../core/columns/block.ts'
import { MadeById } from '../../../core/columns/by-id.ts'
import type { FieldValue } from '../sigma/expression.ts'

/** The field values of a column's texts, cached by text number. Values do not keep their block in memory. */
export class ColumnValues {
  readonly #make: (text: string) => readonly FieldValue[]
  readonly #values = new MadeById<readonly FieldValue[]>()
  /** First values as text, or empty; cached separately because they are read often. */
  readonly #texts = new MadeById<string>()
  #column: StringColumn | undefined
  #of: Int32Array | undefined
  #index = -1
  #last: readonly FieldValue[] = []

  constructor(make: (text: string) => readonly FieldValue[]) {
    this.#make = make
  }

  at(column: StringColumn, index: number): readonly FieldValue[] {
    const id = this.#idOf(column, index)
    if (id >= 0) return this.#values.find(id) ?? this.#values.keep(id, this.#make(ownAt(column, index)))
    if (index !== this.#index) this.#last = this.#make(ownAt(column, index))
    this.#index = index
    return this.#last
  }

  /** The first value as text; empty if there is none. */
  kept(column: StringColumn, index: number): string {
    const id = this.#idOf(column, index)
    const known = id < 0 ? undefined : this.#texts.find(id)
    if (known !== undefined) return known
    const text = String(this.at(column, index)[0] ?? '')
    return id < 0 ? text : this.#texts.keep(id, text)
  }

  #idOf(column: StringColumn, index: number): number {
    if (column !== this.#column) this.#follow(column)
    return this.#of === undefined ? -1 : this.#of[index]
  }

  #follow(column: StringColumn): void {
    const { ids } = column
    this.#column = column
    this.#of = ids?.of
    this.#index = -1
    if (!ids) return
    this.#values.follow(ids)
    this.#texts.follow(ids)
  }
}
