import type { FoundFile } from './scan.ts'

/** Beginnings of this length tell most files apart. */
const START_BYTES = 64
/** Of how many files a copy is sought at most, so that thousands that begin alike do not cost a look each. */
const MOST_CANDIDATES = 16

/** Files that others may be copies of: those of the same set, and those elsewhere of the same base that begin alike. */
export class Originals {
  readonly #bySet = new Map<string, FoundFile[]>()
  readonly #byStart = new Map<string, FoundFile[]>()

  /** `head` is absent where the file has not been looked into. */
  add(file: FoundFile, head: Buffer | undefined): void {
    append(this.#bySet, file.name.set, file)
    if (head !== undefined && head.length >= START_BYTES) append(this.#byStart, startOf(file, head), file)
  }

  /** The nearest in age first, as rotation copies and compresses a file beside itself. */
  likelyOf(copy: FoundFile, head: Buffer): FoundFile[] {
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
