import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of results; anything else in the directory belongs to somebody else. */
const WHOLE = /^(\d{8}T\d{6}Z)-(?:[0-9a-f]{8}|hour|day)$/
const ABANDONED = /^\.(\d{8}T\d{6}Z)-([0-9a-f]{8})\.partial$/
const REMOVED = /^\.\d{8}T\d{6}Z-(?:[0-9a-f]{8}|hour|day)\.removed$/

interface Folder {
  readonly name: string
  readonly startedAt: number
  readonly bytes: number
}

/** The folders of results in the output directory, the oldest first. */
export class OutputFolders {
  readonly #dir: string
  /** Bytes of folders that nothing is written to any more. */
  readonly #sizes = new Map<string, number>()
  #folders: Folder[] = []
  #bytes = 0

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Looks at the directory again and finishes removals that a crash interrupted. */
  refresh(): void {
    const names = this.#names()
    for (const name of names) if (REMOVED.test(name)) this.#delete(name)
    const whole = names.filter((name) => WHOLE.test(name)).sort((a, b) => this.#byAge(a, b))
    const newest = whole.at(-1)
    const known = new Set(whole)
    for (const name of this.#sizes.keys()) if (!known.has(name)) this.#sizes.delete(name)
    this.#folders = whole.map((name) => {
      const bytes = (name === newest ? undefined : this.#sizes.get(name)) ?? sizeOf(join(this.#dir, name))
      this.#sizes.set(name, bytes)
      return { name, bytes, startedAt: timeOf(WHOLE, name) }
    })
    this.#bytes = this.#folders.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get kept(): { readonly folders: number; readonly bytes: number; readonly since: number | null } {
    return { folders: this.#folders.length, bytes: this.#bytes, since: this.#folders[0]?.startedAt ?? null }
  }

  /** Removes the oldest folder if it began before `before` or all are larger than `most`. The newest one stays. */
  removeOldest(before: number, most: number): boolean {
    const [oldest] = this.#folders
    if (this.#folders.length < 2 || (oldest.startedAt >= before && this.#bytes <= most)) return false
    // Under a hidden name first, so that nobody sees half of it.
    const aside = `.${oldest.name}.removed`
    renameSync(join(this.#dir, oldest.name), join(this.#dir, aside))
    this.#delete(aside)
    this.#folders.shift()
    this.#bytes -= oldest.bytes
    return true
  }

  /** Removes a partial folder that its batch left behind when it was done, or came back to never. @returns whether it did */
  removeAbandoned(before: number, isDone: (batch: string) => boolean): boolean {
    const abandoned = this.#names().find((name) => {
      const batch = ABANDONED.exec(name)?.[2]
      return batch !== undefined && (timeOf(ABANDONED, name) < before || isDone(batch))
    })
    if (abandoned !== undefined) this.#delete(abandoned)
    return abandoned !== undefined
  }

  /** The older first: by the second in their names, and within a second by what was written last. */
  #byAge(a: string, b: string): number {
    const written = (name: string) => statSync(join(this.#dir, name)).mtimeMs
    return timeOf(WHOLE, a) - timeOf(WHOLE, b) || written(a) - written(b) || (a < b ? -1 : 1)
  }

  #names(): string[] {
    try {
      return readdirSync(this.#dir)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #delete(name: string): void {
    rmSync(join(this.#dir, name), { recursive: true, force: true })
  }
}

function timeOf(pattern: RegExp, name: string): number {
  const stamp = pattern.exec(name)?.[1] ?? ''
  return Date.parse(stamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
}

/** Bytes that the files of a folder take on the disk. */
function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + 512 * statSync(join(folder, name)).blocks, 0)
}
