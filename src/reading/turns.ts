import type { Match } from './identity/identify.ts'
import type { KnownFiles } from './known-files.ts'

/** A rotated set. Its files are read one after another, oldest first. */
interface FileSet {
  readonly name: string
  readonly files: Match[]
  served: number
}

/**
 * Decides which file is read next. A bounded number of sets take turns; the one with the fewest bytes served is next.
 * The counts are stored with the positions, so an interrupted run continues in the same order.
 */
export class Turns {
  readonly #known: KnownFiles
  readonly #active: FileSet[]
  readonly #waiting: FileSet[]
  #current: FileSet | undefined

  constructor(matches: readonly Match[], known: KnownFiles, width: number) {
    this.#known = known
    const sets = new Map<string, FileSet>()
    for (const match of matches) {
      const { set } = match.found.name
      const entry = sets.get(set) ?? { name: set, files: [], served: 0 }
      sets.set(set, entry)
      entry.files.push(match)
      entry.served = Math.max(entry.served, known.get(match.id)!.served)
    }
    const ordered = [...sets.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const set of ordered) set.files.sort((a, b) => (a.found.name.age < b.found.name.age ? 1 : -1))
    this.#active = ordered.slice(0, width)
    this.#waiting = ordered.slice(width)
  }

  /** The file to read next; `served` and `finished` refer to it. */
  current(): Match | undefined {
    this.#current = this.#least()
    return this.#current?.files[0]
  }

  /** Adds bytes read from the current file. */
  served(bytes: number): void {
    const set = this.#current
    if (set !== undefined) this.#charge(set, set.served + bytes)
  }

  /** Removes the current file. */
  finished(): void {
    const set = this.#current
    if (set === undefined) return
    const file = set.files.shift()
    if (file !== undefined) this.#known.update(file.id, { served: 0 })
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
    this.#known.update(set.files[0].id, { served })
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
