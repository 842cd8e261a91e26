import type { StoredFile } from '../core/files/stored-file.ts'

/** The rows of all known files, and which of them changed since the last save. */
export class KnownFiles {
  readonly #byId = new Map<number, StoredFile>()
  readonly #changed = new Set<number>()
  #nextId = 1

  constructor(stored: readonly StoredFile[]) {
    for (const row of stored) {
      this.#byId.set(row.id, row)
      this.#nextId = Math.max(this.#nextId, row.id + 1)
    }
  }

  all(): StoredFile[] {
    return [...this.#byId.values()]
  }

  get(id: number): StoredFile | undefined {
    return this.#byId.get(id)
  }

  create(row: Omit<StoredFile, 'id'>): StoredFile {
    const created = { ...row, id: this.#nextId++ }
    this.#byId.set(created.id, created)
    this.#changed.add(created.id)
    return created
  }

  update(id: number, changes: Partial<Omit<StoredFile, 'id'>>): StoredFile {
    const before = this.#byId.get(id)
    if (before === undefined) throw new RangeError(`There is no known file with id ${id}.`)
    const keys = Object.keys(changes) as (keyof typeof changes)[]
    if (keys.every((key) => before[key] === changes[key])) return before
    const after = { ...before, ...changes }
    this.#byId.set(id, after)
    this.#changed.add(id)
    return after
  }

  /** The rows changed since the last call, ordered by id. */
  takeChanged(): StoredFile[] {
    const changed = [...this.#changed].sort((a, b) => a - b).map((id) => this.#byId.get(id)!)
    this.#changed.clear()
    return changed
  }
}
