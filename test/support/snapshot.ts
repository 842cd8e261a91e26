import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The files of a directory, by their paths in it. */
export type Snapshot = ReadonlyMap<string, Buffer>

/** What is dear to make is made once and given to each test as a copy. Nobody may write the directory meanwhile. */
export function snapshotOf(dir: string): Snapshot {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(files.map((path) => [path.slice(dir.length + 1), readFileSync(path)]))
}

export function restore(snapshot: Snapshot, dir: string): void {
  for (const [name, content] of snapshot) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), content)
  }
}
