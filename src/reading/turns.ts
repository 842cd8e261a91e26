import type { Match } from './identity/identify.ts'
import type { Rows } from './rows.ts'

/** A rotated set: its files are read one after the other, the oldest first. */
interface FileSet {
  readonly name: string
  readonly files: Match[]
  served: number
}

/**
 * Whose turn it is: the set that was given the fewest bytes, of a bounded number that take turns at a time. What each
 * was given is stored with its positions, so that an interrupted run goes on in the order of one that was not.
 */
export class Turns {
  readonly #rows: Rows
  readonly #active: FileSet[]
  readonly #waiting: FileSet[]
  #current: FileSet | undefined

  constructor(matches: readonly Match[], rows: Rows, width: number) {
    this.#rows = rows
    const sets = new Map<string, FileSet>()
    for (const match of matches) {
      const { set } = match.found.name
      const entry = sets.get(set) ?? { name: set, files: [], served: 0 }
      sets.set(set, entry)
      entry.files.push(match)
      entry.served = Math.max(entry.served, rows.get(match.id)!.served)
    }
    const ordered = [...sets.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const set of ordered) set.files.sort((a, b) => (a.found.name.age < b.found.name.age ? 1 : -1))
    this.#active = ordered.slice(0, width)
    this.#waiting = ordered.slice(width)
  }

  /** The file whose turn it is; `served` and `finished` are about it. */
  current(): Match | undefined {
    this.#current = this.#least()
    return this.#current?.files[0]
  }

  /** Counts what it was given. */
  served(bytes: number): void {
    const set = this.#current
    if (set !== undefined) this.#charge(set, set.served + bytes)
  }

  /** Ends its turns. */
  finished(): void {
    const set = this.#current
    if (set === undefined) return
    const file = set.files.shift()
    if (file !== undefined) this.#rows.update(file.id, { served: 0 })
    if (set.files.length > 0) {
      this.#charge(set, set.served)
      return
    }
    this.#active.splice(this.#active.indexOf(set), 1)
    const entering = this.#waiting.shift()
    if (entering === undefined) return
    const least = this.#least()?.served ?? 0
    this.#active.push(entering)
    this.#charge(entering, Math.max(entering.served, least))
  }

  #charge(set: FileSet, served: number): void {
    set.served = served
    this.#rows.update(set.files[0].id, { served })
  }

  #least(): FileSet | undefined {
    let least: FileSet | undefined
    for (const set of this.#active) {
      if (least === undefined || set.served < least.served || (set.served === least.served && set.name < least.name)) {
        least = set
      }
    }
    return least
  }
}
