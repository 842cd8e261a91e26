/** Most groups that are counted at a time. A flood may have millions of addresses, each with one finding. */
const MOST = 40_000

/**
 * Groups by key in bounded memory. When there are too many, the lower half by `order` is dropped and counted; a dropped
 * group that comes again begins anew, so only counts of low groups can be too small.
 */
export class BoundedGroups<Group> {
  /** Groups that were dropped. */
  dropped = 0
  readonly #order: (a: readonly [string, Group], b: readonly [string, Group]) => number
  readonly #most: number
  #groups = new Map<string, Group>()

  /** `order` sorts the groups to keep first. It must be total, so that the same findings give the same groups. */
  constructor(order: (a: readonly [string, Group], b: readonly [string, Group]) => number, most = MOST) {
    this.#order = order
    this.#most = most
  }

  get(key: string): Group | undefined {
    return this.#groups.get(key)
  }

  set(key: string, group: Group): void {
    this.#groups.set(key, group)
    if (this.#groups.size <= this.#most) return
    const kept = this.ranked().slice(0, this.#most >> 1)
    this.dropped += this.#groups.size - kept.length
    this.#groups = new Map(kept)
  }

  /** The groups with their keys, in order. */
  ranked(): (readonly [string, Group])[] {
    return [...this.#groups].sort(this.#order)
  }
}
