import type { EventBlock } from '../../../core/columns/block.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import type { RecentKeys } from '../../../core/columns/recent-keys.ts'
import { SlotsById } from '../../../core/columns/slots-by-id.ts'
import type { EventView } from '../views/view.ts'
import { groupKeyOf, type ReadField } from './group-key.ts'

/** Access to the group keys of a correlation, which change when state is loaded or cleared. */
interface Grouped {
  readonly keys: RecentKeys
}

/** Finds the group of an event by its group-by fields. A single numbered column is looked up by number. */
export class GroupFinder {
  readonly #groups: Grouped
  readonly #names: readonly string[]
  #slots: SlotsById | undefined
  #block: EventBlock | undefined
  #ids: Ids | undefined

  constructor(groups: Grouped, names: readonly string[]) {
    this.#groups = groups
    this.#names = names
  }

  /** Claims the slot of the event's group; -1 if the event belongs to none. */
  claim(view: EventView, read: ReadField): number {
    if (view.block !== this.#block) this.#follow(view, read)
    const id = this.#ids ? this.#ids.of[view.index] : -1
    const known = id < 0 ? -1 : this.#slots!.touch(id)
    if (known >= 0) return known
    const key = groupKeyOf(this.#names, view, read)
    if (key === undefined) return -1
    return id < 0 ? this.#groups.keys.claim(key) : this.#slots!.claim(id, key)
  }

  /** Discards cached slots, after the keys were replaced. */
  clear(): void {
    this.#slots = undefined
    this.#block = undefined
    this.#ids = undefined
  }

  #follow(view: EventView, read: ReadField): void {
    this.#block = view.block
    this.#ids = this.#names.length === 1 ? read.ids?.(view, this.#names[0]) : undefined
    if (!this.#ids) return
    this.#slots ??= new SlotsById(this.#groups.keys)
    this.#slots.follow(this.#ids)
  }
}
