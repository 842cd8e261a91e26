import type { FoundFile } from './scan.ts'

/** Files that differ usually differ within this many bytes. */
const START_BYTES = 64
/** Most candidates compared with a file, which bounds the cost if thousands of files begin alike. */
const MOST_CANDIDATES = 16

/**
 * Candidates for the original of a copy: files of the same set, and files of other sets with the same base and
 * beginning.
 */
export class Originals {
  readonly #bySet = new Map<string, FoundFile[]>()
  readonly #byStart = new Map<string, FoundFile[]>()

  /** `head` is undefined if the file was not opened. */
  add(file: FoundFile, head: Buffer | undefined): void {
    append(this.#bySet, file.name.set, file)
    if (head !== undefined && head.length >= START_BYTES) append(this.#byStart, startOf(file, head), file)
  }

  /** Candidates, nearest in age first, because rotation copies and compresses a file next to itself. */
  candidatesFor(copy: FoundFile, head: Buffer): FoundFile[] {
    const beside = this.#bySet.get(copy.name.set) ?? []
    const alike = head.length >= START_BYTES ? (this.#byStart.get(startOf(copy, head)) ?? []) : []
    const elsewhere = alike.filter(({ name }) => name.set !== copy.name.set)
    return [beside, elsewhere].flatMap((files) =>
      files
        .filter(({ name }) => name.age < copy.name.age)
        .sort((a, b) => (a.name.age < b.name.age ? 1 : -1))
        .slice(0, MOST_CANDIDATES),
    )
  }
}

function startOf(file: FoundFile, head: Buffer): string {
  return `${file.name.base}\0${head.toString('latin1', 0, START_BYTES)}`
}

function append(index: Map<string, FoundFile[]>, key: string, file: FoundFile): void {
  const files = index.get(key)
  if (files === undefined) index.set(key, [file])
  else files.push(file)
}
