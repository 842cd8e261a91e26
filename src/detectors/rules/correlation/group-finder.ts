import type { EventBlock } from '../../../core/columns/block.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import type { RecentKeys } from '../../../core/columns/recent-keys.ts'
import { SlotsById } from '../../../core/columns/slots-by-id.ts'
import type { EventView } from '../views/view.ts'
import { keyOf, type ReadField } from './group-key.ts'

/** The groups of a correlation, by their keys; other ones after the state was loaded or cleared. */
interface Grouped {
  readonly keys: RecentKeys
}

/** Finds the group of an event by the fields that name it; one that is named by a column of numbers is found by these. */
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

  /** The slot of the group among the keys of the correlation, claimed for it; -1 where the event belongs to none. */
  claim(view: EventView, read: ReadField): number {
    if (view.block !== this.#block) this.#follow(view, read)
    const id = this.#ids ? this.#ids.of[view.index] : -1
    const known = id < 0 ? -1 : this.#slots!.touch(id)
    if (known >= 0) return known
    const key = keyOf(this.#names, view, read)
    if (key === undefined) return -1
    return id < 0 ? this.#groups.keys.claim(key) : this.#slots!.claim(id, key)
  }

  /** The keys are others now. */
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
